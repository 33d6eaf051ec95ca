/** Every page, light and dark, wide and narrow: readable by everybody, without complaints of the browser, and honest when the server fails. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ContainerRow, HostRow, ImageRow } from '@plimsoll/model/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGES, type ConsolePage } from './console/pages.ts';
import { stage, type Stage } from './console/stage.ts';
import { CHROMIUM, seriousIssues, shot, titledForBrowser } from './support/browser.ts';
import { REPOSITORY } from './support/needs.ts';
import { ensureBuilt } from './support/plimsoll.ts';

const DETAILS = {
  image: ['overview', 'vulnerabilities', 'layers', 'packages', 'upgrades', 'posture', 'containers', 'history'],
  host: ['overview', 'vulnerabilities', 'packages', 'containers', 'history'],
  container: ['overview', 'vulnerabilities', 'events'],
  vulnerability: ['overview', 'images', 'containers', 'hosts'],
};
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };
/** With the rules of axe that can judge them otherwise than the first: a theme changes colours and nothing else, a window's width no colours. */
const LOOKS = [
  { looks: 'wide-light', viewport: WIDE, colorScheme: 'light', rules: 'all' },
  { looks: 'wide-dark', viewport: WIDE, colorScheme: 'dark', rules: ['color-contrast'] },
  { looks: 'narrow-light', viewport: NARROW, colorScheme: 'light', rules: ['nested-interactive', 'button-name', 'link-name', 'aria-required-children', 'scrollable-region-focusable'] },
  { looks: 'narrow-dark', viewport: NARROW, colorScheme: 'dark', rules: 'none' },
] as const;

describe.skipIf(CHROMIUM === undefined)(titledForBrowser('every page of the console'), () => {
  let set: Stage;
  let pages: ConsolePage[];

  beforeAll(async () => {
    set = await stage();
    const first = async <Row extends { id: string }>(entity: string, query: string) => encodeURIComponent((await set.admin.search<Row>(entity, query)).rows[0]!.id);
    const roots: Record<keyof typeof DETAILS, string> = {
      image: `/images/${await first<ImageRow>('images', 'name:"shop/front:1.4.2"')}`,
      host: `/hosts/${await first<HostRow>('hosts', 'name:shop-web-01')}`,
      container: `/containers/${await first<ContainerRow>('containers', 'name:debug')}`,
      vulnerability: '/vulnerabilities/CVE-2023-4863',
    };
    const details = (Object.keys(DETAILS) as (keyof typeof DETAILS)[]).flatMap((kind) => DETAILS[kind].map((tab): ConsolePage => ({ path: `${roots[kind]}${tab === 'overview' ? '' : `?tab=${tab}`}`, name: `${kind}-${tab}` })));
    await set.admin.send('POST', '/api/v1/tags', { name: 'shop', colour: 'teal', entity: 'images', query: 'label:"app=shop"' });
    await set.admin.send('POST', '/api/v1/tokens', { name: 'Nightly report', role: 'reader', days: 30 });
    const widget = { title: '', query: '', by: null, days: null, limit: 10 };
    const board = await set.admin.send<{ id: string }>('POST', '/api/v1/dashboards', {
      name: 'Shop watch',
      widgets: [
        { ...widget, id: 'a', kind: 'count', title: 'Images with severity 5', entity: 'images', query: 'vulnerabilities.severity:5', days: 7, x: 0, y: 0, w: 3, h: 3 },
        { ...widget, id: 'b', kind: 'donut', title: 'Containers by state', entity: 'containers', by: 'state', x: 3, y: 0, w: 4, h: 5 },
        { ...widget, id: 'c', kind: 'bar', title: 'Images by registry', entity: 'images', by: 'repo.registry', x: 7, y: 0, w: 5, h: 5 },
        { ...widget, id: 'd', kind: 'trend', title: 'Events, day by day', entity: 'events', days: 30, x: 0, y: 5, w: 6, h: 5 },
        { ...widget, id: 'e', kind: 'table', title: 'Known exploited', entity: 'vulnerabilities', query: 'kev:true', x: 6, y: 5, w: 6, h: 5 },
      ],
    });
    pages = [
      ...PAGES, ...details,
      { path: `/?board=${board.id}`, name: 'board' },
      { path: '/?add=images&query=vulnerabilities.severity%3A5', name: 'widget-dialog' },
      { path: '/images?query=scanState%3Ascanned%20and%20(severity%3A5', name: 'images-wrong-query' },
      { path: '/images?query=name%3Anothing', name: 'images-nothing' },
      { path: '/configuration/sensors?add=sensor', name: 'sensor-dialog' },
      { path: '/configuration/users?add=user', name: 'user-dialog' },
      { path: '/configuration/tags?add=tag', name: 'tag-dialog' },
      { path: '/configuration/tokens?add=token', name: 'token-dialog' },
      { path: '/configuration/settings?tab=sign-in', name: 'settings-sign-in' },
      { path: '/configuration/settings?tab=advisories', name: 'settings-advisories' },
    ];
  });
  afterAll(() => set?.end());

  /** One window for all: what a theme or a width changes is drawn without loading the page anew. */
  it('has nothing serious by axe in light and dark, fits wide and narrow windows, and nothing to complain of', async () => {
    const ada = await set.ada();
    const wrong: string[] = [];
    for (const { path, name } of pages) {
      await ada.page.goto(path);
      for (const { looks, viewport, colorScheme, rules } of LOOKS) {
        await ada.page.setViewportSize(viewport);
        await ada.page.emulateMedia({ colorScheme });
        await ada.page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' });
        await ada.settled();
        const { scrollWidth, innerWidth } = await ada.page.evaluate(() => {
          const { document, innerWidth } = globalThis as unknown as { document: { documentElement: { scrollWidth: number } }; innerWidth: number };
          return { scrollWidth: document.documentElement.scrollWidth, innerWidth };
        });
        if (scrollWidth > innerWidth) wrong.push(`${looks} ${name}: ${scrollWidth} px wide`);
        if (rules !== 'none') wrong.push(...(await seriousIssues(ada.page, rules === 'all' ? undefined : rules)).map((issue) => `${looks} ${name}: ${issue}`));
        await shot(ada.page, `${looks}-${name}`);
      }
      wrong.push(...ada.complaints().map((line) => `${name}: ${line}`));
    }
    await ada.close();
    expect(wrong).toEqual([]);
  }, 240_000);

  it('says what failed and offers to try again where the server answers with an error', async () => {
    const ada = await set.ada();
    await ada.page.route(/\/api\/v1\/(?!session|live|setup)/, (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ type: 'urn:plimsoll:problem:internal', title: 'The server failed', status: 500, code: 'internal', detail: 'The database does not answer.' }) }));
    const wrong: string[] = [];
    for (const { path, name, still } of [...PAGES, ...pages.filter((page) => page.name.endsWith('-overview'))]) {
      if (still) continue;
      await ada.page.goto(path);
      await ada.page.getByRole('button', { name: 'Try again' }).first().waitFor({ timeout: 3000 }).catch(() => wrong.push(`${name}: no way to try again`));
      if ((await ada.page.getByText('The database does not answer.').count()) === 0) wrong.push(`${name}: does not say what failed`);
      wrong.push(...(await seriousIssues(ada.page)).map((issue) => `${name}: ${issue}`));
      await shot(ada.page, `error-${name}`);
    }
    expect(wrong).toEqual([]);
    expect(ada.complaints().filter((line) => !/status of 500/.test(line))).toEqual([]);
    await ada.close();
  }, 120_000);

  it('brings less than 300 kB, gzipped, until the first page is there', async () => {
    ensureBuilt();
    const ada = await set.ada();
    const asked = new Set<string>();
    ada.page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.startsWith('/api/')) asked.add(pathname);
    });
    await ada.page.goto('/images', { waitUntil: 'load' });
    await ada.settled();
    const root = join(REPOSITORY, 'dist/console');
    const files = new Set(readdirSync(join(root, 'assets')).map((name) => `/assets/${name}`));
    const first = [...asked].filter((path) => !/\.woff2$/.test(path));
    const bytes = first.reduce((sum, path) => sum + gzipSync(readFileSync(files.has(path) ? join(root, path) : join(root, 'index.html'))).length, 0);
    expect(first.filter((path) => files.has(path)).length).toBeGreaterThan(1);
    expect(bytes).toBeLessThan(300_000);
    await ada.close();
  });
});
