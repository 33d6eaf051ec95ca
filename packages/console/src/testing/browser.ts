import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { BrowserContext } from 'playwright-core';
import { build } from 'vite';
import { ARGUMENTS, CHROMIUM } from './chromium.ts';

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
