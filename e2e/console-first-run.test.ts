/** The first minutes with the console: set-up, signing in, and pages with nothing to show. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PAGES } from './console/pages.ts';
import { bareStage, type Stage } from './console/stage.ts';
import { CHROMIUM, seriousIssues, shot, titledForBrowser, visit, type Visitor } from './support/browser.ts';
import { ADMIN } from './support/server.ts';

describe.skipIf(CHROMIUM === undefined)(titledForBrowser('the first run of the console'), () => {
  let set: Pick<Stage, 'server' | 'browser' | 'end'>;
  let ada: Visitor;

  beforeAll(async () => {
    set = await bareStage();
    ada = await visit(set.browser, set.server.url);
  });
  afterAll(() => set?.end());
  afterEach(() => expect(ada.complaints()).toEqual([]));
  const theme = () => ada.page.locator('html').getAttribute('data-theme');

  it('makes the first account at the address that the server prints', async () => {
    await ada.page.goto(set.server.setupUrl!.replace(/^https?:\/\/[^/]+/, set.server.url));
    await ada.page.getByRole('heading', { name: /first account/ }).waitFor();
    expect(await seriousIssues(ada.page)).toEqual([]);
    await shot(ada.page, 'set-up');
    await ada.page.getByLabel('Your name').fill(ADMIN.name);
    await ada.page.getByLabel('Email').fill(ADMIN.email);
    await ada.page.getByLabel('Password').fill(ADMIN.password);
    await ada.page.getByRole('button', { name: 'Create account' }).click();
    await ada.page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
    // The code is used up, and does not stay in the address.
    expect(ada.page.url()).toBe(`${set.server.url}/`);
  });

  it('signs out, refuses a wrong password, signs in where one was', async () => {
    await ada.page.goto('/images?query=state%3Arunning');
    await ada.signOut();
    expect(await seriousIssues(ada.page)).toEqual([]);
    await shot(ada.page, 'sign-in');
    await ada.page.getByLabel('Email').fill(ADMIN.email);
    await ada.page.getByLabel('Password').fill('not the password');
    await ada.page.getByRole('button', { name: 'Sign in' }).click();
    await ada.page.getByRole('alert').waitFor();
    await ada.signIn(ADMIN);
    await expect.poll(ada.query).toBe('state:running');
    await ada.page.goto('/setup');
    await expect.poll(() => new URL(ada.page.url()).pathname).toBe('/');
  });

  it('keeps the theme that was chosen, also after signing out', async () => {
    await ada.page.goto('/');
    await ada.page.getByRole('button', { name: 'Theme' }).click();
    await ada.page.getByRole('menuitemcheckbox', { name: 'Dark' }).click();
    await expect.poll(theme).toBe('dark');
    await ada.page.reload();
    expect(await theme()).toBe('dark');
    await ada.signOut();
    expect(await theme()).toBe('dark');
    await ada.signIn(ADMIN);
    await ada.page.getByRole('button', { name: 'Theme' }).click();
    await ada.page.getByRole('menuitemcheckbox', { name: 'As the system' }).click();
    await expect.poll(theme).toBe('light');
  });

  it('says on every page what will be there, and how it comes there', async () => {
    for (const { path, name, empty } of PAGES) {
      if (empty === undefined) continue;
      await ada.page.goto(path);
      await ada.settled();
      await ada.page.getByText(empty).first().waitFor();
      expect(await seriousIssues(ada.page), path).toEqual([]);
      await shot(ada.page, `empty-${name}`);
    }
  });

  it('says that the server cannot be reached when it is away', async () => {
    await ada.page.goto('/');
    await ada.settled();
    await set.server.stop();
    await ada.page.getByText('Reconnecting…').waitFor({ timeout: 20_000 });
    await ada.page.getByRole('link', { name: 'Packages' }).click();
    await ada.page.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor();
    expect(await seriousIssues(ada.page)).toEqual([]);
    await shot(ada.page, 'server-away');
    // The browser itself says of each request that it was refused.
    expect(ada.complaints().filter((line) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|preload assets/.test(line))).toEqual([]);
  });
});
