import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { ARGUMENTS, CHROMIUM } from './chromium.ts';
import { startFixtureServer, type Answers, type FixtureServer } from './fixture-server.ts';

/** A real browser and the console as it is shipped, for tests. */

export { CHROMIUM, seriousIssues } from './chromium.ts';

export interface Browser {
  /** Folder of the console built for this test. */
  root: string;
  context: BrowserContext;
  close: () => Promise<void>;
}

/** Builds the console into a temporary folder and starts a browser with a profile of its own. */
export async function openBrowser(): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-console-'));
  const root = join(folder, 'console');
  await build({ configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)), logLevel: 'error', build: { outDir: root } });
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), { executablePath: CHROMIUM!, headless: true, args: ARGUMENTS, viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(10_000);
  return {
    root,
    context,
    close: async () => {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Console {
  /** The page of the test that runs. */
  readonly page: Page;
  readonly context: BrowserContext;
  /** Starts a server with these answers and goes to a path of it. */
  show: (path: string, answers?: Answers) => Promise<void>;
  /** The server that `show` started. */
  readonly server: FixtureServer;
  /** A picture for people to look at, where CONSOLE_SHOTS names a folder. */
  shot: (name: string) => Promise<void>;
}

/**
 * For one `describe`: a browser for all its tests, and for each a page and a server. A test fails when the page
 * complained: of an error of a script, or of what the content security policy refused.
 */
export function useConsole(): Console {
  let browser: Browser;
  let server: FixtureServer;
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await browser.context.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|Minified React/.test(message.text())) complaints.push(message.text());
    });
  });
  afterEach(async () => {
    await page.close();
    await server.close();
    expect(complaints).toEqual([]);
  });
  return {
    get page() {
      return page;
    },
    get context() {
      return browser.context;
    },
    get server() {
      return server;
    },
    async show(path, answers = {}) {
      server = await startFixtureServer(browser.root, answers);
      await page.goto(server.url + path);
    },
    async shot(name) {
      if (process.env.CONSOLE_SHOTS) await page.screenshot({ path: join(process.env.CONSOLE_SHOTS, `${name}.png`) });
    },
  };
}
