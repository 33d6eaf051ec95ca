/** People with a browser each, at a real server. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { ARGUMENTS, CHROMIUM } from '../../packages/console/src/testing/chromium.ts';

export { CHROMIUM, seriousIssues } from '../../packages/console/src/testing/chromium.ts';

/** The title, with what is missing where there is no browser. */
export const titledForBrowser = (title: string): string => (CHROMIUM === undefined ? `${title} (skipped: needs chromium)` : title);

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM!, headless: true, args: ARGUMENTS });
}

export interface Visitor {
  page: Page;
  context: BrowserContext;
  /** What the page complained of since it was asked for last: errors of scripts, of the console, and of the content security policy. */
  complaints(): string[];
  /** Waits until nothing loads any more. */
  settled(): Promise<void>;
  signIn(person: { email: string; password: string }): Promise<void>;
  signOut(): Promise<void>;
  /** The query of the address. */
  query(): string | null;
  /** The field where a list's query is typed. */
  bar(): Locator;
  close(): Promise<void>;
}

const WIDE = { width: 1440, height: 900 };
/** Chromium says so of each answer that is not a success, also where the page expected it and shows it well. */
const REFUSED = /^Failed to load resource: the server responded with a status of (?:4\d\d|503)/;

/** A window without anything kept from others. */
export async function visit(browser: Browser, url: string, options: { colorScheme?: 'light' | 'dark'; viewport?: { width: number; height: number } } = {}): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: url, viewport: options.viewport ?? WIDE, colorScheme: options.colorScheme ?? 'light', reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  let said: string[] = [];
  page.on('pageerror', (error) => said.push(error.message));
  page.on('console', (message) => {
    if ((message.type() === 'error' || message.type() === 'warning') && !REFUSED.test(message.text())) said.push(`${message.type()}: ${message.text()}`);
  });
  return {
    page,
    context,
    complaints() {
      const all = said;
      said = [];
      return all;
    },
    settled: () => settled(page),
    async signIn({ email, password }) {
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: /account of/ }).waitFor();
    },
    async signOut() {
      await page.getByRole('button', { name: /account of/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
    },
    query: () => new URL(page.url()).searchParams.get('query'),
    bar: () => page.getByRole('combobox', { name: /^Query for/ }),
    close: () => context.close(),
  };
}

/** Nothing is loading, and what the last answers brought is drawn. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.locator('.skeleton, [aria-busy="true"]').first().waitFor({ state: 'detached' });
  // Colours that are still changing are no colours to judge.
  await page.evaluate(async () => {
    const { document } = globalThis as unknown as { document: { getAnimations: () => { finished: Promise<unknown>; effect: { getComputedTiming: () => { endTime: number } } }[] } };
    const ending = document.getAnimations().filter((animation) => Number.isFinite(animation.effect.getComputedTiming().endTime));
    await Promise.allSettled(ending.map((animation) => animation.finished));
  });
}

/** A picture for people to look at, where PLIMSOLL_SHOTS names a folder. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['PLIMSOLL_SHOTS'];
  if (folder === undefined || folder === '') return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
