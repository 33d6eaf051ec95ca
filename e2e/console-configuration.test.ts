/** Configuration, and what each role finds of it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD, stage, type Person, type Stage } from './console/stage.ts';
import { CHROMIUM, titledForBrowser, type Visitor } from './support/browser.ts';
import { enrolWithToken, madeHost } from './support/made-sensor.ts';

describe.skipIf(CHROMIUM === undefined)(titledForBrowser('configuration in the console'), () => {
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
  const button = (name: string | RegExp) => ada.page.getByRole('button', { name, exact: typeof name === 'string' });
  const dialog = () => ada.page.getByRole('dialog');
  const row = (name: string | RegExp) => ada.page.getByRole('row', { name });
  const as = async (token: string, path: string) => (await fetch(set.server.url + path, { headers: { authorization: `Bearer ${token}` } })).status;

  it('adds a sensor: shows the commands, and says when it has joined', async () => {
    await show('/configuration/sensors');
    await row(/shop-web-01/).getByText('Live').waitFor();
    await button('Add sensor').click();
    await dialog().getByLabel('Note').fill('New in the rack');
    await button('Show the commands').click();
    const command = dialog().locator('pre, code').first();
    await command.getByText('plimsoll').first().waitFor();
    const text = (await dialog().textContent())!;
    expect(text).toContain(set.server.url);
    await dialog().getByText('Waiting for the sensor.').waitFor();
    const token = /\bple_[\w-]+/.exec(text)![0];
    const sensor = await enrolWithToken(() => set.server.url, token, 'shop-web-03');
    sensor.say(madeHost('shop-web-03'));
    await sensor.flush();
    await dialog().getByText('Its images and containers come in now.').waitFor();
    await button('Done').click();
    await row(/shop-web-03/).getByText('Live').waitFor();

    await row(/shop-web-03/).getByRole('button', { name: /^Actions of/ }).click();
    await ada.page.getByRole('menuitem', { name: 'Revoke…' }).click();
    await button('Revoke sensor').click();
    await row(/shop-web-03/).getByText('Revoked').waitFor();
    const refused = await fetch(`${set.server.url}/api/v1/sensor/work`, { method: 'POST', headers: { authorization: `Bearer ${sensor.credential}`, 'content-type': 'application/json' }, body: '{}' });
    expect(refused.status).toBe(401);
  });

  it('adds users, who sign in with what they were given, until they are disabled', async () => {
    await show('/configuration/users');
    await button('Add user').click();
    await dialog().getByLabel('Name').fill('Uma Reader');
    await dialog().getByLabel('Email').fill('uma@example.org');
    await dialog().getByLabel('First password').fill(PASSWORD);
    await dialog().getByLabel('Role').selectOption('reader');
    await dialog().getByRole('button', { name: 'Add user' }).click();
    await row(/uma@example\.org/).getByText('Active').waitFor();
    const uma = await set.visitor({ email: 'uma@example.org', password: PASSWORD });
    await row(/uma@example\.org/).getByRole('button', { name: /^Actions of/ }).click();
    await ada.page.getByRole('menuitem', { name: 'Disable…' }).click();
    await button('Disable user').click();
    await row(/uma@example\.org/).getByText('Disabled').waitFor();
    await uma.page.goto('/images');
    await uma.page.getByRole('button', { name: 'Sign in' }).waitFor();
    await uma.close();
  });

  it('makes API tokens that work until they are revoked, and no longer', async () => {
    await show('/configuration/tokens');
    await button('New token').first().click();
    await dialog().getByLabel('Name').fill('Nightly report');
    await dialog().getByLabel('Role').selectOption('reader');
    await button('Create token').click();
    await dialog().getByText('it is shown only this once').waitFor();
    const secret = (await dialog().locator('code').first().textContent())!.trim();
    expect(await as(secret, '/api/v1/search/images')).toBe(200);
    expect(await as(secret, '/api/v1/users')).toBe(403);
    await button('I have it').click();
    await ada.page.reload();
    await row(/Nightly report/).waitFor();
    expect(await ada.page.content()).not.toContain(secret);
    await row(/Nightly report/).getByRole('button', { name: 'Revoke' }).click();
    await button('Revoke token').click();
    await row(/Nightly report/).getByText('Revoked').waitFor();
    expect(await as(secret, '/api/v1/search/images')).toBe(401);
  });

  it('makes a tag by query, which appears on what matches', async () => {
    await show('/configuration/tags');
    await button('New tag').first().click();
    await dialog().getByLabel('Name').fill('shop');
    await dialog().getByLabel('By query').check();
    await dialog().getByLabel('On', { exact: true }).selectOption('images');
    await dialog().getByRole('combobox', { name: 'Query of the tag' }).fill('label:"app=shop"');
    await dialog().getByText('3 images now.').waitFor();
    await ada.page.keyboard.press('Escape');
    await button('Create tag').click();
    await row(/label:"app=shop"/).getByRole('link', { name: '3' }).click();
    await expect.poll(() => ada.page.locator('.list-count').textContent()).toBe('3 images match');
    await row(/shop\/front:1\.4\.2/).getByText('shop', { exact: true }).waitFor();
  });

  it('keeps settings', async () => {
    await show('/configuration/settings');
    const field = ada.page.getByLabel('Days that events are kept');
    await field.fill('45');
    await field.locator('xpath=ancestor::form').getByRole('button', { name: 'Save' }).click();
    await ada.page.getByText('Settings saved.').waitFor();
    await ada.page.reload();
    await expect.poll(() => field.inputValue()).toBe('45');
    await ada.page.getByRole('tab', { name: 'Advisories' }).click();
    await ada.page.getByText('osv/Debian').first().waitFor();
  });

  it('lists in the audit log who changed what', async () => {
    await show('/configuration/audit');
    const text = await ada.page.getByRole('grid').textContent();
    expect(text).toContain('Ada Admin');
    for (const subject of ['Nightly report', 'uma@example.org', 'shop-web-03']) expect(text).toContain(subject);
    expect(text).not.toContain(PASSWORD);
    await row(/settings/i).first().getByRole('button', { name: /^Show/ }).click();
    await dialog().getByText('eventDays').waitFor();
  });

  const PAGES = ['users', 'settings', 'audit', 'sensors', 'tags', 'tokens'];
  /** What changes something for everybody. */
  const MANAGE = /^(?:Add sensor|Add user|New tag|Rescan|Scan now|Forget|Revoke|Withdraw)/;

  it('shows a reader nothing to change, and says so plainly where the role does not reach', async () => {
    const rita = await set.visitor(await set.person('reader', 'Rita'), '/images');
    const nav = rita.page.getByRole('navigation', { name: 'Main' });
    await nav.getByRole('link', { name: 'Images' }).waitFor();
    for (const name of ['Users', 'Audit log']) expect(await nav.getByRole('link', { name }).count()).toBe(0);
    for (const page of PAGES) {
      await rita.page.goto(`/configuration/${page}`);
      await rita.settled();
      expect(await rita.page.getByRole('button', { name: MANAGE }).allTextContents(), page).toEqual([]);
    }
    for (const page of ['users', 'audit']) {
      await rita.page.goto(`/configuration/${page}`);
      await rita.page.getByText('Your role does not open this page').waitFor();
    }
    await rita.page.goto('/images');
    await rita.page.getByRole('link', { name: /shop\/front:1\.4\.2/ }).click();
    await rita.page.getByText('What to upgrade').waitFor();
    expect(await rita.page.getByRole('button', { name: MANAGE }).count()).toBe(0);
    expect(rita.complaints()).toEqual([]);
    await rita.close();
  });

  it('shows somebody with a scope only what the scope has', async () => {
    const person: Person = { email: 'sam@example.org', password: PASSWORD };
    await set.admin.send('POST', '/api/v1/users', { name: 'Sam', ...person, role: 'reader', scope: ['production'] });
    const sam = await set.visitor(person, '/hosts');
    await expect.poll(() => sam.page.locator('.list-count').textContent()).toBe('2 hosts');
    await sam.page.goto('/images');
    await sam.settled();
    expect(await sam.page.getByRole('row', { name: /coredns/ }).count()).toBe(0);
    await sam.page.getByRole('row', { name: /shop\/front:1\.4\.2/ }).waitFor();
    expect(sam.complaints()).toEqual([]);
    await sam.close();
  });
});
