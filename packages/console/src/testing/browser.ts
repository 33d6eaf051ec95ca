import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';

/** A real browser and the console as it is shipped, for tests. */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The browser's program, from CHROMIUM or PATH. */
export const CHROMIUM = process.env.CHROMIUM ?? (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));

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

/** What axe calls serious or critical on a page: `rule: element`. */
export async function seriousIssues(page: Page): Promise<string[]> {
  // Past the page's content security policy, which allows no foreign script.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: readFileSync(AXE, 'utf8') });
  await session.detach();
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: (what: Document) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } };
    const { violations } = await axe.run(document);
    return violations.filter((issue) => issue.impact === 'serious' || issue.impact === 'critical').flatMap((issue) => issue.nodes.map((node) => `${issue.id}: ${node.html.slice(0, 200)}`));
  });
}
