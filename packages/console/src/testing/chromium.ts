import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { Page } from 'playwright-core';

/** Where a browser is, how it is started, and what axe says of a page. */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
export const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The browser's program, from CHROMIUM or PATH. */
export const CHROMIUM = process.env['CHROMIUM'] ?? (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

interface Axe {
  axe: { run: (options: { resultTypes: string[]; runOnly?: string[] }) => Promise<{ violations: Violation[] }> };
}

/** What axe calls serious or critical on a page: `rule: element`; by these rules alone where some are named. */
export async function seriousIssues(page: Page, rules?: readonly string[]): Promise<string[]> {
  // Past the page's content security policy, which allows no foreign script.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: readFileSync(AXE, 'utf8') });
  await session.detach();
  const { violations } = await page.evaluate((runOnly) => (globalThis as unknown as Axe).axe.run({ resultTypes: ['violations'], ...(runOnly ? { runOnly } : {}) }), rules && [...rules]);
  return violations.filter((issue) => issue.impact === 'serious' || issue.impact === 'critical').flatMap((issue) => issue.nodes.map((node) => `${issue.id}: ${node.html.slice(0, 200)}`));
}
