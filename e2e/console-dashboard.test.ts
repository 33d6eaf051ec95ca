/** Dashboards: what everybody has, and what people make their own. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { COUNTS } from './console/inventory.ts';
import { stage, type Person, type Stage } from './console/stage.ts';
import { CHROMIUM, titledForBrowser, visit, type Visitor } from './support/browser.ts';

describe.skipIf(CHROMIUM === undefined)(titledForBrowser('dashboards in the console'), () => {
  let set: Stage;
  let mona: Person;
  let rita: Person;
  let visitors: Visitor[] = [];

  beforeAll(async () => {
    set = await stage();
    [mona, rita] = await Promise.all([set.person('manager', 'Mona'), set.person('reader', 'Rita')]);
  });
  afterAll(() => set?.end());
  afterEach(async () => {
    const complaints = visitors.flatMap((visitor) => visitor.complaints());
    for (const visitor of visitors) await visitor.close();
    visitors = [];
    expect(complaints).toEqual([]);
  });

  const open = async () => {
    const visitor = await visit(set.browser, set.server.url);
    visitors.push(visitor);
    await visitor.page.goto('/');
    return visitor;
  };
  const tabs = ({ page }: Visitor) => page.getByRole('tablist', { name: 'Dashboards' }).getByRole('tab').allTextContents();

  it('the overview shows what is there, and leads to it', async () => {
    const { page, settled, signIn, query } = await open();
    await signIn(mona);
    await settled();
    const main = page.getByRole('main');
    await main.getByRole('link', { name: new RegExp(`^Containers\\s*${COUNTS.containers}`) }).waitFor();
    await main.getByRole('link', { name: /^Not scanned\s*2/ }).waitFor();
    await main.getByText('12 events had to be dropped.').waitFor();
    await main.getByRole('link', { name: 'Running', exact: true }).click();
    await expect.poll(query).toBe('state:running');
  });

  it('a widget made from a query stays with who made it; others see it once it is shared, and do not change it', async () => {
    const title = 'Production images with severity 5';
    const her = await open();
    await her.signIn(mona);
    await her.page.getByRole('button', { name: 'New dashboard' }).click();
    await her.page.getByLabel('Name').fill('Shop watch');
    await her.page.getByRole('button', { name: 'Create' }).click();
    await her.page.getByRole('heading', { level: 1, name: 'Shop watch' }).waitFor();
    await her.page.getByRole('button', { name: 'Add widget' }).first().click();
    const dialog = her.page.getByRole('dialog', { name: 'Add widget' });
    const query = dialog.getByRole('combobox', { name: 'Query of the widget' });
    await query.click();
    await her.page.keyboard.type('vulnerabilities.severity:5 and repo.registry:"registry.example.org"', { delay: 5 });
    const { total } = await set.admin.search('images', 'vulnerabilities.severity:5 and repo.registry:"registry.example.org"');
    expect(total).toBeGreaterThan(0);
    await dialog.getByRole('region', { name: 'Preview' }).getByText(String(total), { exact: true }).waitFor();
    await her.page.keyboard.press('Escape');
    await dialog.getByLabel('Title').fill(title);
    await dialog.getByRole('button', { name: 'Add widget' }).click();
    const widget = (visitor: Visitor) => visitor.page.getByRole('region', { name: title });
    await widget(her).getByText(String(total), { exact: true }).waitFor();
    await her.signOut();

    // She signs in again, in another browser as well: it is there.
    await her.signIn(mona);
    await her.page.goto('/');
    await her.page.getByRole('tab', { name: 'Shop watch' }).click();
    await widget(her).getByText(String(total), { exact: true }).waitFor();
    const address = her.page.url();

    // Somebody else neither sees it listed nor reaches it by its address.
    const him = await open();
    await him.signIn(rita);
    await him.settled();
    expect(await tabs(him)).toEqual(['Overview']);
    await him.page.goto(address);
    await him.page.getByText('This dashboard is not here').waitFor();
    expect(await widget(him).count()).toBe(0);

    // Shared, he sees it, with figures, and nothing to change it by.
    await her.page.getByRole('button', { name: 'Actions of the dashboard' }).click();
    await her.page.getByRole('menuitemcheckbox', { name: 'Share with everyone' }).click();
    await her.page.getByText('Shared: everyone here may look at it.').waitFor();
    await him.page.goto('/');
    await him.page.getByRole('tab', { name: 'Shop watch' }).click();
    await widget(him).getByText(String(total), { exact: true }).waitFor();
    await him.page.getByText('Shared by Mona').waitFor();
    for (const name of ['Add widget', 'Actions of the dashboard', `Actions of ${title}`, `Move ${title}`]) expect(await him.page.getByRole('button', { name }).count()).toBe(0);
    const id = new URL(address).searchParams.get('board')!;
    const { csrf } = (await (await him.context.request.get('/api/v1/session')).json()) as { csrf: string };
    for (const attempt of [him.context.request.patch(`/api/v1/dashboards/${id}`, { data: { widgets: [] }, headers: { 'x-csrf-token': csrf } }), him.context.request.delete(`/api/v1/dashboards/${id}`, { headers: { 'x-csrf-token': csrf } })]) {
      expect([403, 404]).toContain((await attempt).status());
    }
    await her.page.reload();
    await widget(her).getByText(String(total), { exact: true }).waitFor();

    // Taken back, he sees it no more.
    await her.page.getByRole('button', { name: 'Actions of the dashboard' }).click();
    await her.page.getByRole('menuitemcheckbox', { name: 'Shared with everyone' }).click();
    await her.page.getByText('No longer shared: only you see it.').waitFor();
    await him.page.reload();
    await him.page.getByText('This dashboard is not here').waitFor();
  });

  it('widgets of every kind, moved and resized from the keyboard, keep their places', async () => {
    const her = await open();
    await her.signIn(mona);
    await her.page.getByRole('button', { name: 'New dashboard' }).click();
    await her.page.getByLabel('Name').fill('All kinds');
    await her.page.getByRole('button', { name: 'Create' }).click();
    for (const kind of ['Count', 'Donut', 'Bars', 'Trend', 'Table']) {
      await her.page.getByRole('button', { name: 'Add widget' }).first().click();
      const dialog = her.page.getByRole('dialog', { name: 'Add widget' });
      await dialog.getByRole('radio', { name: kind }).check();
      await dialog.getByLabel('Title').fill(`Images: ${kind}`);
      await dialog.getByRole('button', { name: 'Add widget' }).click();
      await her.page.getByRole('region', { name: `Images: ${kind}` }).waitFor();
    }
    await her.settled();
    const place = async (kind: string) => {
      const box = await her.page.getByRole('region', { name: `Images: ${kind}` }).boundingBox();
      return box && [box.x, box.y, box.width, box.height].map(Math.round);
    };
    const before = await place('Count');
    await her.page.getByRole('button', { name: 'Move Images: Count' }).focus();
    await her.page.keyboard.press('Shift+ArrowDown');
    await expect.poll(async () => (await place('Count'))![3]).toBeGreaterThan(before![3]!);
    await her.page.keyboard.press('ArrowDown');
    await her.page.waitForResponse((response) => response.request().method() === 'PATCH' && response.ok());
    const all = () => Promise.all(['Count', 'Donut', 'Bars', 'Trend', 'Table'].map(place));
    await expect.poll(async () => JSON.stringify(await all())).not.toContain('null');
    const after = await all();
    await her.page.reload();
    await her.settled();
    await expect.poll(all).toEqual(after);
  });
});
