import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, openBrowser, seriousIssues } from './testing/browser.ts';
import type { Browser } from './testing/browser.ts';
import { refuse, startFixtureServer } from './testing/fixture-server.ts';
import type { Answers, FixtureServer } from './testing/fixture-server.ts';

const title = CHROMIUM === undefined ? 'the console in a browser (skipped: needs chromium)' : 'the console in a browser';

describe.skipIf(CHROMIUM === undefined)(title, () => {
  let browser: Browser;
  let server: FixtureServer;
  let page: Page;
  /** What the page complained of: errors of scripts, and what the content security policy refused. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await browser.context.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|Minified React/.test(message.text())) complaints.push(message.text());
    });
  });
  afterEach(async () => {
    await page.close();
    await server.close();
    expect(complaints).toEqual([]);
  });

  async function show(path: string, answers: Answers = {}): Promise<void> {
    server = await startFixtureServer(browser.root, answers);
    await page.goto(server.url + path);
  }
  /** A picture for people to look at, where CONSOLE_SHOTS names a folder. */
  async function shot(name: string): Promise<void> {
    if (process.env.CONSOLE_SHOTS) await page.screenshot({ path: join(process.env.CONSOLE_SHOTS, `${name}.png`) });
  }
  const bar = () => page.getByRole('combobox', { name: /^Query for/ });
  const queryOf = () => new URL(page.url()).searchParams.get('query');

  it('edits the query by a click on a facet, takes it back, and goes back and forth', async () => {
    await show('/images');
    const box = page.getByRole('checkbox', { name: /docker\.io/ });
    await box.click();
    await expect.poll(() => bar().inputValue()).toBe('repo.registry:docker.io');
    expect(queryOf()).toBe('repo.registry:docker.io');
    await page.getByRole('checkbox', { name: /prod-web-01/ }).click();
    await expect.poll(queryOf).toBe('repo.registry:docker.io and host:prod-web-01');
    await expect.poll(() => box.isChecked()).toBe(true);
    await shot('facets');
    await box.click();
    await expect.poll(queryOf).toBe('host:prod-web-01');
    await page.goBack();
    await expect.poll(() => bar().inputValue()).toBe('repo.registry:docker.io and host:prod-web-01');
    await page.goForward();
    await expect.poll(() => bar().inputValue()).toBe('host:prod-web-01');
  });

  it('completes fields and values from the keyboard', async () => {
    await show('/containers');
    await bar().click();
    await bar().pressSequentially('sta');
    await page.getByRole('option', { name: /state/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => bar().inputValue()).toBe('state:');
    await page.getByRole('option', { name: /running/ }).waitFor();
    await shot('completion');
    await page.keyboard.press('Tab');
    await expect.poll(() => bar().inputValue()).toBe('state:running');
    await page.keyboard.press('Enter');
    await expect.poll(queryOf).toBe('state:running');
  });

  it('marks the character that is wrong and says what was expected', async () => {
    await show('/images');
    await bar().fill('state:running and (severity:5');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.getByText('The query cannot be read').waitFor();
    expect(await page.locator('.query-fault').textContent()).toBe('(');
    expect(await page.locator('.query-message').textContent()).toContain('Expected');
    expect(await bar().getAttribute('aria-invalid')).toBe('true');
  });

  it('says what was looked at where nothing is found', async () => {
    await show('/images?query=name%3Anothing');
    await page.getByText('No images match').waitFor();
    await page.getByText('188 of 212 hosts with a live sensor').waitFor();
    await page.getByRole('link', { name: '181 not' }).waitFor();
  });

  it('never shows what was not scanned as clean', async () => {
    await show('/hosts');
    await page.getByRole('row').nth(5).waitFor();
    expect(await page.getByRole('row', { name: /ci-runner-07/ }).textContent()).toContain('Not scanned');
  });

  it('holds 100,000 rows: few in the document, the last one a key away', async () => {
    await show('/events');
    await page.getByRole('row').nth(5).waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.locator('[aria-rowindex="100001"]').textContent()).toMatch(/\w+ \w+/);
    expect(await page.getByRole('row').count()).toBeLessThan(80);
    // Not every page on the way was fetched.
    expect(server.asked.filter((line) => line.includes('/search/events?')).length).toBeLessThan(8);
  });

  it('moves through rows by keys and opens one', async () => {
    await show('/images');
    await page.getByRole('row').nth(5).waitFor();
    await page.getByRole('grid').focus();
    for (const key of ['j', 'j', 'ArrowDown', 'k']) await page.keyboard.press(key);
    const active = page.locator('.table-active');
    await expect.poll(() => active.getAttribute('aria-rowindex')).toBe('3');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/images\/sha256/);
  });

  it('sorts by a header, and says so in the URL', async () => {
    await show('/images');
    await page.getByRole('button', { name: 'Sort by severity 5, urgent' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('sort')).toBe('-urgent');
    await expect.poll(() => server.asked.some((line) => line.includes('sort=-urgent'))).toBe(true);
  });

  it('saves a search and lists it', async () => {
    await show('/images?query=state%3Arunning');
    await page.getByRole('button', { name: 'Saved' }).click();
    await page.getByRole('menuitem', { name: 'Urgent and exposed' }).waitFor();
    await shot('saved');
    await page.getByRole('menuitem', { name: 'Save this search…' }).click();
    await page.getByLabel('Name').fill('What runs');
    expect(await seriousIssues(page)).toEqual([]);
    await shot('save');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Search saved.').waitFor();
    expect(server.asked).toContain('POST /api/v1/searches');
  });

  it('finds anything from the keyboard', async () => {
    await show('/images');
    await page.getByRole('row').nth(3).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('prod');
    await page.getByRole('option').nth(1).waitFor();
    await shot('find');
    expect(await seriousIssues(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('nothing');
    await page.getByText('Nothing found for “nothing”.').waitFor();
  });

  it('signs in, says when the password is wrong, and offers the identity provider', async () => {
    let isIn = false;
    const nobody = () => refuse(401, 'not-signed-in', 'Not signed in', 'Sign in.');
    const me = { user: { id: '00000000-0000-4000-8000-000000000001', name: 'Ada Palmer', email: 'ada@example.com', role: 'reader', scope: null }, csrf: 'x' };
    await show('/images?query=a', {
      me: () => (isIn ? me : nobody()),
      signIn: ({ body }) => {
        isIn = (body as { password: string }).password === 'correct horse battery';
        return isIn ? me : refuse(401, 'wrong-password', 'Not signed in', 'The email or the password is wrong.');
      },
    });
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('The email or the password is wrong.').waitFor();
    await page.getByRole('link', { name: 'Continue with Example SSO' }).waitFor();
    expect(await seriousIssues(page)).toEqual([]);
    await shot('sign-in');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Images' }).waitFor();
    expect(queryOf()).toBe('a');
    // A reader is not offered what the server would refuse.
    expect(await page.getByRole('link', { name: 'Users' }).count()).toBe(0);
  });

  it('sets up the first account with the code of the address', async () => {
    const given: unknown[] = [];
    await show('/setup#code=the-code', {
      me: () => refuse(401, 'not-signed-in', 'Not signed in', 'Sign in.'),
      setupState: () => ({ needed: true, oidc: null, version: '1' }),
      setup: ({ body }) => {
        given.push(body);
        return refuse(400, 'invalid', 'Not valid', 'Some fields are not right.', { fields: [{ path: 'password', message: 'Too common.' }] });
      },
    });
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Password').fill('correct horse');
    expect(await seriousIssues(page)).toEqual([]);
    await shot('setup');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Too common.').waitFor();
    expect(given).toEqual([{ code: 'the-code', name: 'Ada', email: 'ada@example.com', password: 'correct horse' }]);
  });

  it('fits a phone: navigation and filters in drawers, rows of two lines', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await show('/images');
    await page.getByRole('row').nth(3).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('checkbox', { name: /quay\.io/ }).click();
    await expect.poll(queryOf).toBe('repo.registry:quay.io');
    await shot('phone-filters');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Navigation' }).click();
    await shot('phone-nav');
    await page.getByRole('link', { name: 'Containers' }).click();
    await page.getByRole('heading', { name: 'Containers' }).waitFor();
  });

  it('keeps the chosen theme', async () => {
    await show('/images');
    await page.getByRole('button', { name: 'Theme' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Dark' }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.reload();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.evaluate(() => localStorage.clear());
  });

  const LISTS = ['hosts', 'images', 'containers', 'registries', 'packages', 'vulnerabilities', 'events', 'images?query=name%3Anothing', 'nowhere'];
  it.each(LISTS.flatMap((path) => (['light', 'dark'] as const).map((theme) => [path, theme] as const)))('axe finds nothing serious on /%s, %s', async (path, theme) => {
    await page.emulateMedia({ colorScheme: theme });
    await show(`/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.locator('[aria-busy="true"], .skeleton').count()).toBe(0);
    expect(await seriousIssues(page)).toEqual([]);
  });
});
