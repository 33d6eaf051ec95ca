import { describe, expect, it } from 'vitest';
import { CHROMIUM, seriousIssues, useConsole } from './testing/browser.ts';
import { refuse } from './testing/fixture-server.ts';

const title = CHROMIUM === undefined ? 'the console in a browser (skipped: needs chromium)' : 'the console in a browser';

describe.skipIf(CHROMIUM === undefined)(title, () => {
  const view = useConsole();
  const { show, shot } = view;
  const bar = () => view.page.getByRole('combobox', { name: /^Query for/ });
  const queryOf = () => new URL(view.page.url()).searchParams.get('query');

  it('edits the query by a click on a facet, takes it back, and goes back and forth', async () => {
    await show('/images');
    const box = view.page.getByRole('checkbox', { name: /docker\.io/ });
    await box.click();
    await expect.poll(() => bar().inputValue()).toBe('repo.registry:docker.io');
    expect(queryOf()).toBe('repo.registry:docker.io');
    await view.page.getByRole('checkbox', { name: /prod-web-01/ }).click();
    await expect.poll(queryOf).toBe('repo.registry:docker.io and host:prod-web-01');
    await expect.poll(() => box.isChecked()).toBe(true);
    await shot('facets');
    await box.click();
    await expect.poll(queryOf).toBe('host:prod-web-01');
    await view.page.goBack();
    await expect.poll(() => bar().inputValue()).toBe('repo.registry:docker.io and host:prod-web-01');
    await view.page.goForward();
    await expect.poll(() => bar().inputValue()).toBe('host:prod-web-01');
  });

  it('completes fields and values from the keyboard', async () => {
    await show('/containers');
    await bar().click();
    await bar().pressSequentially('sta');
    await view.page.getByRole('option', { name: /state/ }).waitFor();
    await view.page.keyboard.press('ArrowDown');
    await view.page.keyboard.press('Enter');
    await expect.poll(() => bar().inputValue()).toBe('state:');
    await view.page.getByRole('option', { name: /running/ }).waitFor();
    await shot('completion');
    await view.page.keyboard.press('Tab');
    await expect.poll(() => bar().inputValue()).toBe('state:running');
    await view.page.keyboard.press('Enter');
    await expect.poll(queryOf).toBe('state:running');
  });

  it('marks the character that is wrong and says what was expected', async () => {
    await show('/images');
    await bar().fill('state:running and (severity:5');
    await view.page.keyboard.press('Escape');
    await view.page.keyboard.press('Enter');
    await view.page.getByText('The query cannot be read').waitFor();
    expect(await view.page.locator('.query-fault').textContent()).toBe('(');
    expect(await view.page.locator('.query-message').textContent()).toContain('Expected');
    expect(await bar().getAttribute('aria-invalid')).toBe('true');
  });

  it('says what was looked at where nothing is found', async () => {
    await show('/images?query=name%3Anothing');
    await view.page.getByText('No images match').waitFor();
    await view.page.getByText('188 of 212 hosts with a live sensor').waitFor();
    await view.page.getByRole('link', { name: '181 not' }).waitFor();
  });

  it('never shows what was not scanned as clean', async () => {
    await show('/hosts');
    await view.page.getByRole('row').nth(5).waitFor();
    expect(await view.page.getByRole('row', { name: /ci-runner-07/ }).textContent()).toContain('Not scanned');
  });

  it('holds 100,000 rows: few in the document, the last one a key away', async () => {
    await show('/events');
    await view.page.getByRole('row').nth(5).waitFor();
    await view.page.getByRole('grid').focus();
    await view.page.keyboard.press('End');
    await expect.poll(() => view.page.locator('[aria-rowindex="100001"]').textContent()).toMatch(/\w+ \w+/);
    expect(await view.page.getByRole('row').count()).toBeLessThan(80);
    // Not every page on the way was fetched.
    expect(view.server.asked.filter((line) => line.includes('/search/events?')).length).toBeLessThan(8);
  });

  it('moves through rows by keys and opens one', async () => {
    await show('/images');
    await view.page.getByRole('row').nth(5).waitFor();
    await view.page.getByRole('grid').focus();
    for (const key of ['j', 'j', 'ArrowDown', 'k']) await view.page.keyboard.press(key);
    const active = view.page.locator('.table-active');
    await expect.poll(() => active.getAttribute('aria-rowindex')).toBe('3');
    await view.page.keyboard.press('Enter');
    await expect.poll(() => new URL(view.page.url()).pathname).toMatch(/^\/images\/sha256/);
  });

  it('sorts by a header, and says so in the URL', async () => {
    await show('/images');
    await view.page.getByRole('button', { name: 'Sort by severity 5, urgent' }).click();
    await expect.poll(() => new URL(view.page.url()).searchParams.get('sort')).toBe('-urgent');
    await expect.poll(() => view.server.asked.some((line) => line.includes('sort=-urgent'))).toBe(true);
  });

  it('saves a search and lists it', async () => {
    await show('/images?query=state%3Arunning');
    await view.page.getByRole('button', { name: 'Saved' }).click();
    await view.page.getByRole('menuitem', { name: 'Urgent and exposed' }).waitFor();
    await shot('saved');
    await view.page.getByRole('menuitem', { name: 'Save this search…' }).click();
    await view.page.getByLabel('Name').fill('What runs');
    expect(await seriousIssues(view.page)).toEqual([]);
    await shot('save');
    await view.page.getByRole('button', { name: 'Save', exact: true }).click();
    await view.page.getByText('Search saved.').waitFor();
    expect(view.server.asked).toContain('POST /api/v1/searches');
  });

  it('finds anything from the keyboard', async () => {
    await show('/images');
    await view.page.getByRole('row').nth(3).waitFor();
    await view.page.keyboard.press('Control+k');
    await view.page.keyboard.type('prod');
    await view.page.getByRole('option').nth(1).waitFor();
    await shot('find');
    expect(await seriousIssues(view.page)).toEqual([]);
    await view.page.keyboard.press('Escape');
    await view.page.keyboard.press('/');
    await view.page.keyboard.type('nothing');
    await view.page.getByText('Nothing found for “nothing”.').waitFor();
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
    await view.page.getByLabel('Email').fill('ada@example.com');
    await view.page.getByLabel('Password').fill('wrong');
    await view.page.keyboard.press('Enter');
    await view.page.getByText('The email or the password is wrong.').waitFor();
    await view.page.getByRole('link', { name: 'Continue with Example SSO' }).waitFor();
    expect(await seriousIssues(view.page)).toEqual([]);
    await shot('sign-in');
    await view.page.getByLabel('Password').fill('correct horse battery');
    await view.page.keyboard.press('Enter');
    await view.page.getByRole('heading', { name: 'Images' }).waitFor();
    expect(queryOf()).toBe('a');
    // A reader is not offered what the server would refuse.
    expect(await view.page.getByRole('link', { name: 'Users' }).count()).toBe(0);
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
    await view.page.getByLabel('Your name').fill('Ada');
    await view.page.getByLabel('Email').fill('ada@example.com');
    await view.page.getByLabel('Password').fill('correct horse');
    expect(await seriousIssues(view.page)).toEqual([]);
    await shot('setup');
    await view.page.getByRole('button', { name: 'Create account' }).click();
    await view.page.getByText('Too common.').waitFor();
    expect(given).toEqual([{ code: 'the-code', name: 'Ada', email: 'ada@example.com', password: 'correct horse' }]);
  });

  it('fits a phone: navigation and filters in drawers, rows of two lines', async () => {
    await view.page.setViewportSize({ width: 390, height: 844 });
    await show('/images');
    await view.page.getByRole('row').nth(3).waitFor();
    expect(await view.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await view.page.getByRole('button', { name: 'Filters' }).click();
    await view.page.getByRole('checkbox', { name: /quay\.io/ }).click();
    await expect.poll(queryOf).toBe('repo.registry:quay.io');
    await shot('phone-filters');
    await view.page.getByRole('button', { name: 'Close' }).click();
    await view.page.getByRole('button', { name: 'Navigation' }).click();
    await shot('phone-nav');
    await view.page.getByRole('link', { name: 'Containers' }).click();
    await view.page.getByRole('heading', { name: 'Containers' }).waitFor();
  });

  it('keeps the chosen theme', async () => {
    await show('/images');
    await view.page.getByRole('button', { name: 'Theme' }).click();
    await view.page.getByRole('menuitemcheckbox', { name: 'Dark' }).click();
    await expect.poll(() => view.page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await view.page.reload();
    expect(await view.page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await view.page.evaluate(() => localStorage.clear());
  });

  const LISTS = ['hosts', 'images', 'containers', 'registries', 'packages', 'vulnerabilities', 'events', 'images?query=name%3Anothing', 'nowhere'];
  it.each(LISTS.flatMap((path) => (['light', 'dark'] as const).map((theme) => [path, theme] as const)))('axe finds nothing serious on /%s, %s', async (path, theme) => {
    await view.page.emulateMedia({ colorScheme: theme });
    await show(`/${path}`);
    await view.page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => view.page.locator('[aria-busy="true"], .skeleton').count()).toBe(0);
    expect(await seriousIssues(view.page)).toEqual([]);
  });
});
