/** Finding things: lists, their queries, facets, keys, saved searches, export, and changes as they happen. */
import { readFileSync } from 'node:fs';
import type { ImageRow } from '@plimsoll/model/api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { containerOf, COUNTS, FAILURE, IMAGES } from './console/inventory.ts';
import { stage, type Stage } from './console/stage.ts';
import { CHROMIUM, titledForBrowser, type Visitor } from './support/browser.ts';

describe.skipIf(CHROMIUM === undefined)(titledForBrowser('finding things in the console'), () => {
  let set: Stage;
  let ada: Visitor;

  beforeAll(async () => {
    set = await stage();
    ada = await set.ada();
  });
  afterAll(() => set?.end());
  beforeEach(() => ada.page.goto('about:blank'));
  afterEach(() => expect(ada.complaints()).toEqual([]));

  const show = async (path: string) => {
    await ada.page.goto(path);
    await ada.settled();
  };
  const row = (name: string | RegExp) => ada.page.getByRole('row', { name });
  const count = () => ada.page.locator('.list-count').textContent();
  const param = (name: string) => new URL(ada.page.url()).searchParams.get(name);

  it('shows every image with what is known of it, and "Not scanned" as a state of its own', async () => {
    await show('/images');
    expect(await count()).toBe(`${COUNTS.images} images`);
    const front = row(/shop\/front:1\.4\.2/);
    await front.getByText('5 on 2 hosts').waitFor();
    expect(await front.textContent()).toContain('registry.example.org');
    const { rows } = await set.admin.search<ImageRow>('images', 'name:"shop/front:1.4.2"');
    const { vulnerabilities } = rows[0]!;
    expect(await front.locator('.severity-counts').textContent()).toBe([5, 4, 3, 2, 1].map((severity) => vulnerabilities![severity as 5]).join(''));
    expect(vulnerabilities![5] + vulnerabilities![4]).toBeGreaterThan(0);
    const mail = await row(/shop\/mail/).textContent();
    expect(mail).toContain('Not scanned');
    // No figures that could be taken for "clean".
    expect(await row(/shop\/mail/).locator('.severity-counts').count()).toBe(0);
    await row(/shop\/legacy/).getByText('Failed').waitFor();
    expect(await row(/shop\/legacy/).getByTitle(FAILURE).count()).toBeGreaterThan(0);
    await row(/shop\/report/).getByText('Incomplete').waitFor();
  });

  it('completes a query from the keyboard, with counts', async () => {
    await show('/images');
    await ada.bar().click();
    await ada.page.keyboard.type('repo.reg');
    await ada.page.getByRole('option', { name: /repo\.registry/ }).waitFor();
    await ada.page.keyboard.press('ArrowDown');
    await ada.page.keyboard.press('Enter');
    await expect.poll(() => ada.bar().inputValue()).toBe('repo.registry:');
    await ada.page.keyboard.type('quay');
    const value = ada.page.getByRole('option', { name: /quay\.io/ });
    await value.waitFor();
    expect(await value.textContent()).toMatch(/1$/);
    await ada.page.keyboard.press('ArrowDown');
    await ada.page.keyboard.press('Enter');
    await ada.page.keyboard.press('Enter');
    await expect.poll(ada.query).toBe('repo.registry:quay.io');
    await expect.poll(count).toBe('1 image matches');
    await row(/node-exporter/).waitFor();
  });

  it('edits the query by clicks on facets; back, forward, reload and another window show the same', async () => {
    await show('/images');
    await ada.page.getByRole('checkbox', { name: /registry\.example\.org/ }).click();
    await expect.poll(ada.query).toBe('repo.registry:registry.example.org');
    await expect.poll(count).toBe('6 images match');
    await ada.page.getByRole('checkbox', { name: /^Not scanned/ }).click();
    await expect.poll(ada.query).toBe('repo.registry:registry.example.org and scanState:not-scanned');
    await expect.poll(count).toBe('1 image matches');
    await ada.page.goBack();
    await expect.poll(() => ada.bar().inputValue()).toBe('repo.registry:registry.example.org');
    await expect.poll(count).toBe('6 images match');
    await ada.page.goForward();
    await expect.poll(count).toBe('1 image matches');
    await ada.page.goBack();
    await ada.page.getByRole('button', { name: 'Sort by severity 5, urgent' }).click();
    await expect.poll(() => param('sort')).toBe('-urgent');
    await ada.settled();
    const order = () => ada.page.locator('.table-body [role=row]').allTextContents();
    const before = await order();
    expect(before).toHaveLength(6);
    await ada.page.reload();
    await ada.settled();
    expect(await ada.bar().inputValue()).toBe('repo.registry:registry.example.org');
    expect(await order()).toEqual(before);
    const other = await set.ada(ada.page.url());
    await expect.poll(() => other.page.locator('.list-count').textContent()).toBe('6 images match');
    expect(other.complaints()).toEqual([]);
    await other.close();
  });

  it('points at the character that is wrong, of what the browser and of what only the server can know', async () => {
    await show('/images');
    await ada.bar().fill('scanState:scanned and (severity:5');
    await ada.page.keyboard.press('Escape');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('The query cannot be read').waitFor();
    expect(await ada.page.locator('.query-fault').textContent()).toBe('(');
    expect(await ada.page.locator('.query-message').textContent()).toContain('Expected');
    await show('/images?query=scanState%3Ascanned%20and%20colour%3Ared');
    await ada.page.getByText('The query cannot be read').waitFor();
    expect(await ada.page.locator('.query-fault').textContent()).toBe('colour');
  });

  it('exports what the query matches', async () => {
    await show('/images?query=repo.registry%3A%22docker.io%22');
    await ada.page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([ada.page.waitForEvent('download'), ada.page.getByRole('menuitem', { name: 'CSV' }).click()]);
    expect(download.suggestedFilename()).toMatch(/^plimsoll-images-.*\.csv$/);
    const lines = readFileSync(await download.path(), 'utf8').trim().split(/\r?\n/);
    const expected = Object.keys(IMAGES).filter((name) => name.startsWith('docker.io/')).map((name) => name.replace('docker.io/', ''));
    expect(lines).toHaveLength(expected.length + 1);
    for (const name of expected) expect(lines.some((line) => line.includes(name.replace('library/', '')))).toBe(true);
  });

  it('moves by j and k, opens by Enter, comes back', async () => {
    await show('/containers');
    await ada.page.getByRole('grid').focus();
    for (const key of ['j', 'j', 'j', 'k']) await ada.page.keyboard.press(key);
    await expect.poll(() => ada.page.locator('.table-active').getAttribute('aria-rowindex')).toBe('3');
    const name = await ada.page.locator('.table-active .cell-main').first().textContent();
    await ada.page.keyboard.press('Enter');
    await ada.page.getByRole('heading', { level: 1, name: name! }).waitFor();
    await ada.page.goBack();
    await ada.page.getByRole('heading', { level: 1, name: 'Containers' }).waitFor();
  });

  it('finds anything by Ctrl+K, and lists its keys by ?', async () => {
    await show('/');
    await ada.page.keyboard.press('Control+k');
    await ada.page.keyboard.type('db-replica');
    await ada.page.getByRole('option', { name: /db-replica/ }).waitFor();
    await ada.page.keyboard.press('Enter');
    await ada.page.getByRole('heading', { level: 1, name: 'db-replica' }).waitFor();
    await ada.page.keyboard.press('Control+k');
    await ada.page.keyboard.type('CVE-2019-20372');
    await ada.page.getByRole('option', { name: /CVE-2019-20372/ }).first().waitFor();
    await ada.page.keyboard.press('Enter');
    await expect.poll(() => new URL(ada.page.url()).pathname).toBe('/vulnerabilities/CVE-2019-20372');
    await ada.settled();
    await ada.page.keyboard.press('?');
    await ada.page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await ada.page.keyboard.press('Escape');
    await expect.poll(() => ada.page.getByRole('dialog').count()).toBe(0);
  });

  it('saves a search, which others open once it is shared, by name or by address', async () => {
    await show('/images?query=vulnerabilities.kev%3A*&sort=-urgent');
    await ada.page.getByRole('button', { name: 'Copy address of this view' }).click();
    await ada.page.getByText('Address copied.').waitFor();
    const address = await ada.page.evaluate(() => (globalThis as unknown as { navigator: { clipboard: { readText: () => Promise<string> } } }).navigator.clipboard.readText());
    expect(address).toBe(ada.page.url());
    await ada.page.getByRole('button', { name: 'Saved' }).click();
    await ada.page.getByRole('menuitem', { name: 'Save this search…' }).click();
    await ada.page.getByLabel('Name').fill('Known exploited');
    await ada.page.getByLabel('Shared').check();
    await ada.page.getByRole('button', { name: 'Save', exact: true }).click();
    await ada.page.getByText('Search saved.').waitFor();

    const rita = await set.visitor(await set.person('reader', 'Rita'), address);
    await expect.poll(() => rita.bar().inputValue()).toBe('vulnerabilities.kev:*');
    await rita.page.goto('/images');
    await rita.page.getByRole('button', { name: 'Saved' }).click();
    await rita.page.getByRole('menuitem', { name: 'Known exploited' }).click();
    await expect.poll(rita.query).toBe('vulnerabilities.kev:*');
    // It is not hers to remove.
    await rita.page.getByRole('button', { name: 'Saved' }).click();
    expect(await rita.page.getByRole('menuitem', { name: /^Remove/ }).count()).toBe(0);
    expect(rita.complaints()).toEqual([]);
    await rita.close();
  });

  it('shows a container that starts within five seconds in an open list, and its end', async () => {
    await show('/containers?query=name%3Alate');
    await ada.page.getByText('No containers match').waitFor();
    // Beside "nothing found" stands what was looked at.
    await ada.page.getByText(`${COUNTS.images - 2} of ${COUNTS.images} images scanned`).waitFor();
    await ada.page.getByRole('link', { name: '2 not' }).waitFor();
    const { web01 } = set.inventory;
    web01.say(containerOf('late', 'docker.io/library/redis:5-alpine'));
    await web01.flush();
    await row(/late/).getByText('Running').waitFor({ timeout: 5000 });
    web01.say(containerOf('late', 'docker.io/library/redis:5-alpine', { state: 'exited', exitCode: 0, status: 'Exited (0)' }));
    await web01.flush();
    await row(/late/).getByText('Exited').first().waitFor({ timeout: 5000 });
  });
});
