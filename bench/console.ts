/**
 * What the console weighs and how quick it is in Chromium: bytes of the first load, time of a change of page, frames
 * while a table of 100,000 rows scrolls. Answers come from the fixture server, so that the console alone is measured.
 *
 * `npm run bench:console`
 */
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../e2e/support/browser.ts';
import { REPOSITORY } from '../e2e/support/needs.ts';
import { ensureBuilt } from '../e2e/support/plimsoll.ts';
import { startFixtureServer } from '../packages/console/src/testing/fixture-server.ts';

const ROOT = join(REPOSITORY, 'dist/console');
const PAGES = ['Images', 'Containers', 'Hosts', 'Vulnerabilities', 'Packages', 'Events'];
const ROUNDS = 5;
const SCROLL_MS = 4000;
/** A wheel's notch, twice a frame: faster than a person turns it. */
const SCROLL_STEP = 240;
const FRAME_MS = 1000 / 60;

/** The browser's own, as functions that run in the page see it. */
interface InPage {
  document: { querySelector: (what: string) => { textContent: string; click: () => void; scrollTop: number } | null; querySelectorAll: (what: string) => Iterable<{ textContent: string; click: () => void }> };
  requestAnimationFrame: (next: (time: number) => void) => void;
  performance: { now: () => number };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

const milliseconds = (value: number): string => `${value.toFixed(0)} ms`;
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;

/** Gzipped bytes of what a page asks for until it is there. */
async function firstLoad(page: Page, address: string): Promise<{ code: number; fonts: number }> {
  const asked: string[] = [];
  const note = (response: { url: () => string }) => asked.push(new URL(response.url()).pathname);
  page.on('response', note);
  await page.goto(address);
  await page.getByRole('row').nth(3).waitFor();
  page.off('response', note);
  const assets = new Set(readdirSync(join(ROOT, 'assets')).map((name) => `/assets/${name}`));
  const sizes = [...new Set(asked)].filter((path) => assets.has(path) || !path.startsWith('/api/')).map((path): [string, number] => [path, gzipSync(readFileSync(join(ROOT, assets.has(path) ? path : 'index.html'))).length]);
  const sum = (fonts: boolean) => sizes.filter(([path]) => path.endsWith('.woff2') === fonts).reduce((total, [, size]) => total + size, 0);
  return { code: sum(false), fonts: sum(true) };
}

/** From the click on a link of the navigation until the frame that has the page's heading and rows. */
function routeChange(page: Page, title: string): Promise<number> {
  return page.evaluate(async (wanted) => {
    const { document, requestAnimationFrame, performance } = globalThis as unknown as InPage;
    const link = [...document.querySelectorAll('nav a')].find((one) => one.textContent.trim() === wanted);
    const from = performance.now();
    link?.click();
    for (;;) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      if (document.querySelector('h1')?.textContent === wanted && document.querySelector('[role="grid"]')) return performance.now() - from;
    }
  }, title);
}

/** Milliseconds between the frames while the table scrolls. */
function scroll(page: Page, duration: number, step: number): Promise<number[]> {
  return page.evaluate(async ([length, pixels]) => {
    const { document, requestAnimationFrame, performance } = globalThis as unknown as InPage;
    const table = document.querySelector('[role="grid"]')!;
    const frames: number[] = [];
    let last = 0;
    const end = performance.now() + length!;
    for (;;) {
      const time = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      if (last > 0) frames.push(time - last);
      last = time;
      if (performance.now() > end) return frames;
      table.scrollTop += pixels!;
    }
  }, [duration, step]);
}

ensureBuilt();
const server = await startFixtureServer(ROOT, {});
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const { code, fonts } = await firstLoad(page, `${server.url}/images`);
  console.log(`load of the machine      ${loadavg()[0]!.toFixed(1)}`);
  console.log(`first load, gzipped      ${kilobytes(code)} (limit 300 kB), and ${kilobytes(fonts)} of fonts`);

  const changes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) for (const title of PAGES) changes.push(await routeChange(page, title));
  // The first round fetches answers and code; later ones find both.
  const later = changes.slice(PAGES.length);
  console.log(`change of page           median ${milliseconds(quantile(later, 0.5))}, 95 of 100 within ${milliseconds(quantile(later, 0.95))} (limit 100 ms); the first time of each at most ${milliseconds(Math.max(...changes.slice(0, PAGES.length)))}`);

  await page.goto(`${server.url}/events`);
  await page.getByRole('row').nth(3).waitFor();
  const frames = await scroll(page, SCROLL_MS, SCROLL_STEP);
  const late = frames.filter((frame) => frame > FRAME_MS * 1.5).length;
  console.log(`scrolling 100,000 rows   ${(1000 / (frames.reduce((sum, frame) => sum + frame, 0) / frames.length)).toFixed(0)} frames a second, ${late} of ${frames.length} late, the slowest ${milliseconds(Math.max(...frames))}`);
} finally {
  await browser.close();
  await server.close();
}
