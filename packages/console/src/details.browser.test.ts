import { describe, expect, it } from 'vitest';
import { CHROMIUM, seriousIssues, useConsole } from './testing/browser.ts';
import { imageDetail, imageSbom } from './testing/details.fixtures.ts';
import { refuse } from './testing/fixture-server.ts';
import { ROW, TOTALS } from './testing/inventory.fixtures.ts';

const title = CHROMIUM === undefined ? 'detail pages in a browser (skipped: needs chromium)' : 'detail pages in a browser';

function first<T>(of: (index: number) => T, is: (row: T) => boolean): T {
  for (let index = 0; index < 300; index++) if (is(of(index))) return of(index);
  throw new Error('The fixtures have none.');
}
const image = first(ROW.images, (row) => row.scanState === 'scanned' && row.containers > 0);
const failed = first(ROW.images, (row) => row.scanState === 'failed');
const away = first(ROW.hosts, (row) => row.sensor === 'away' && row.vulnerabilities !== null);
const host = first(ROW.hosts, (row) => row.sensor === 'live' && row.vulnerabilities !== null && row.containers > 0);
const container = first(ROW.containers, (row) => row.vulnerabilities !== null);
const path = (kind: string, id: string, search = '') => `/${kind}/${encodeURIComponent(id)}${search}`;

describe.skipIf(CHROMIUM === undefined)(title, () => {
  const view = useConsole();
  const { show, shot } = view;
  const parameter = (name: string) => new URL(view.page.url()).searchParams.get(name);
  const tab = (name: RegExp) => view.page.getByRole('tab', { name });

  it('filters the findings of an image, keeps the filters in the address, and opens one at the side', async () => {
    await show(path('images', image.id));
    await view.page.getByRole('heading', { name: image.name }).waitFor();
    await tab(/^Vulnerabilities/).click();
    const table = view.page.getByRole('grid', { name: 'Vulnerabilities' });
    await table.waitFor();
    await view.page.getByRole('button', { name: /Urgent/ }).click();
    await view.page.getByRole('button', { name: /^Fix available/ }).click();
    await view.page.getByRole('searchbox').fill('libssl3');
    await expect.poll(() => [parameter('severity'), parameter('fix'), parameter('find')]).toEqual(['5', 'yes', 'libssl3']);
    const { findings } = imageSbom(image.id).sbom!;
    const expected = findings.filter((finding) => finding.severity === 5 && finding.fixedVersion !== null && finding.package === 'libssl3').length;
    expect(expected).toBeGreaterThan(0);
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(expected + 1));
    await view.page.reload();
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(expected + 1));

    // By the keyboard alone: the first row, and its details.
    await table.focus();
    await view.page.keyboard.press('ArrowDown');
    await view.page.keyboard.press('Enter');
    const panel = view.page.getByRole('dialog');
    await panel.getByText('Advisories', { exact: true }).waitFor();
    await shot('finding');
    const opened = parameter('finding');
    expect(opened).toMatch(/^CVE-/);
    for (const link of await panel.locator('a[target]').all()) {
      expect(await link.getAttribute('href')).toMatch(/^https?:/);
      expect(await link.getAttribute('rel')).toContain('noreferrer');
    }
    await panel.getByRole('button', { name: 'Next finding' }).click();
    await expect.poll(() => parameter('finding')).not.toBe(opened);
    await view.page.keyboard.press('ArrowLeft');
    await expect.poll(() => parameter('finding')).toBe(opened);
    await view.page.keyboard.press('Escape');
    await expect.poll(() => parameter('finding')).toBeNull();
  });

  it('leads from a layer and from an upgrade to the findings they account for', async () => {
    await show(path('images', image.id, '?tab=layers'));
    await view.page.getByRole('link', { name: /Findings of layer 5/ }).click();
    const table = view.page.getByRole('grid', { name: 'Vulnerabilities' });
    const { findings, upgrades } = imageSbom(image.id).sbom!;
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(findings.filter((finding) => finding.layer === 4).length + 1));
    await tab(/^Upgrades/).click();
    await view.page.getByRole('link', { name: /removes/ }).first().click();
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(upgrades[0]!.findings.length + 1));
    await view.page.getByRole('button', { name: /^Removed by/ }).click();
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(findings.length + 1));
  });

  it('never shows an image that was not scanned as clean', async () => {
    await show(path('images', failed.id, '?tab=vulnerabilities'));
    await view.page.getByText('The scan failed').waitFor();
    await view.page.getByText(failed.reason!).waitFor();
    expect(await view.page.getByText(/no vulnerabilit|none found/i).count()).toBe(0);
  });

  it('says what was looked at where nothing was found, and that nothing was when nothing could be judged', async () => {
    const detail = imageDetail(image.id)!;
    const empty = { ...imageSbom(image.id).sbom!, findings: [] };
    await show(path('images', image.id, '?tab=vulnerabilities'), { imageSbom: () => ({ sbom: empty }) });
    await view.page.getByText('No vulnerability found').waitFor();
    await view.page.getByText(`Looked at ${detail.coverage.packages} packages`).waitFor();
    await view.server.close();
    await show(path('images', image.id, '?tab=vulnerabilities'), { imageSbom: () => ({ sbom: empty }), image: () => ({ ...detail, coverage: { ...detail.coverage, judged: 0 } }) });
    await view.page.getByText('Nothing could be judged').waitFor();
    expect(await view.page.getByText('No vulnerability found').count()).toBe(0);
  });

  it('tells the history of an image as changes with their cause', async () => {
    await show(path('images', image.id, '?tab=history'));
    const change = view.page.getByRole('button', { name: /New advisory.*DSA-5764-1/ });
    await change.click();
    await expect.poll(() => change.getAttribute('aria-expanded')).toBe('true');
    await view.page.getByRole('heading', { name: /^Appeared/ }).waitFor();
    await shot('history');
  });

  it('offers the SBOM in three formats, and a rescan to who may', async () => {
    await show(path('images', image.id));
    await view.page.getByRole('button', { name: 'Rescan' }).click();
    await expect.poll(() => view.server.asked).toContain(`POST /api/v1/images/${encodeURIComponent(image.id)}/rescan`);
    await view.page.getByRole('button', { name: 'SBOM' }).click();
    for (const name of ['CycloneDX', 'SPDX', 'Plimsoll JSON']) expect(await view.page.getByRole('menuitem', { name }).getAttribute('href')).toMatch(/^\/api\/v1\/images\/.+\/sbom\/(cyclonedx|spdx|json)$/);
  });

  it('hides from readers what they may not do', async () => {
    const user = { id: '00000000-0000-4000-8000-000000000001', name: 'Rea', email: 'rea@example.com', role: 'reader', scope: null };
    await show(path('images', image.id), { me: () => ({ user, csrf: 'csrf' }) });
    await view.page.getByRole('button', { name: 'SBOM' }).waitFor();
    expect(await view.page.getByRole('button', { name: 'Rescan' }).count()).toBe(0);
    await view.page.goto(view.server.url + path('hosts', host.id));
    await view.page.getByRole('heading', { name: host.name }).waitFor();
    expect(await view.page.getByRole('button', { name: 'Forget host' }).count()).toBe(0);
  });

  it('says since when a sensor is away, and forgets a host once it was asked', async () => {
    await show(path('hosts', away.id));
    await view.page.getByText('away for 2 h 14 min', { exact: true }).waitFor();
    await view.page.getByRole('button', { name: 'Forget host' }).click();
    expect(view.server.asked.some((call) => call.startsWith('DELETE'))).toBe(false);
    await view.page.getByRole('dialog').getByRole('button', { name: 'Forget host' }).click();
    await expect.poll(() => new URL(view.page.url()).pathname).toBe('/hosts');
    expect(view.server.asked).toContain(`DELETE /api/v1/hosts/${away.id}`);
  });

  it('asks for the events of one container', async () => {
    await show(path('containers', container.id));
    await view.page.getByRole('heading', { name: 'What happened' }).waitFor();
    await expect.poll(() => view.server.asked.some((call) => call.startsWith('GET /api/v1/search/events?') && new URL(`http://x${call.slice(4)}`).searchParams.get('query') === `containerId:${container.id}`)).toBe(true);
  });

  it('lists who has a vulnerability by a query', async () => {
    await show(path('vulnerabilities', 'CVE-2021-44228', '?tab=images'));
    await view.page.getByRole('grid', { name: 'Images that have it' }).waitFor();
    await view.page.getByRole('link', { name: new RegExp(`all ${TOTALS.images.toLocaleString('en-US')} as a list`) }).click();
    await expect.poll(() => parameter('query')).toBe('vulnerabilities.id:`CVE-2021-44228`');
  });

  it('says what to do when there is no such thing, and tries again when the server failed', async () => {
    await show('/images/sha256%3A00');
    await view.page.getByText('This image is not known here').waitFor();
    await view.page.getByRole('link', { name: 'All images' }).waitFor();
    await view.server.close();
    let broken = true;
    await show(path('vulnerabilities', 'CVE-2021-44228'), { vulnerability: () => (broken ? refuse(500, 'internal', 'The server failed', 'Look into its log.') : refuse(404, 'not-found', 'Not found', 'No.')) });
    await view.page.getByText('Look into its log.').waitFor();
    broken = false;
    await view.page.getByRole('button', { name: 'Try again' }).click();
    await view.page.getByText('This vulnerability is not known here').waitFor();
  });

  it.each(['light', 'dark'] as const)('has no serious accessibility issue in %s, wide or narrow, and never scrolls sideways', async (colorScheme) => {
    await show('/');
    await view.page.emulateMedia({ colorScheme });
    const pages = [
      path('images', image.id), path('images', image.id, '?tab=vulnerabilities'), path('images', image.id, '?tab=layers'), path('images', image.id, '?tab=packages'), path('images', image.id, '?tab=posture'), path('images', image.id, '?tab=history'), path('images', failed.id),
      path('hosts', host.id), path('containers', container.id), path('vulnerabilities', 'CVE-2021-44228'), path('vulnerabilities', 'CVE-2021-44228', '?tab=hosts'),
    ];
    for (const width of [1440, 390]) {
      await view.page.setViewportSize({ width, height: 860 });
      for (const at of pages) {
        await view.page.goto(view.server.url + at);
        await view.page.getByRole('tab').first().waitFor();
        await expect.poll(() => view.page.locator('[aria-label="Loading"]').count()).toBe(0);
        await shot(`detail-${at.slice(1, 12)}-${pages.indexOf(at)}-${width}-${colorScheme}`);
        expect(await seriousIssues(view.page), `${at} at ${width}`).toEqual([]);
        expect(await view.page.evaluate(() => document.getElementById('main')!.scrollWidth - document.getElementById('main')!.clientWidth), `${at} at ${width}`).toBeLessThanOrEqual(0);
      }
    }
  }, 120_000);
});
