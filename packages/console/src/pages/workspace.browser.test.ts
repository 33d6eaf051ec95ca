import { beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, seriousIssues, useConsole } from '../testing/browser.ts';
import { refuse } from '../testing/fixture-server.ts';
import type { Answers } from '../testing/fixture-server.ts';
import { uuidOf } from '../testing/inventory.fixtures.ts';
import { newWorkspace, NOTHING_YET, workspaceAnswers } from '../testing/workspace.fixtures.ts';
import type { Workspace } from '../testing/workspace.fixtures.ts';

const title = CHROMIUM === undefined ? 'dashboards and configuration in a browser (skipped: needs chromium)' : 'dashboards and configuration in a browser';
const MINE = uuidOf(500);
const SHARED = uuidOf(501);

describe.skipIf(CHROMIUM === undefined)(title, () => {
  const view = useConsole();
  let workspace: Workspace;
  beforeEach(() => {
    workspace = newWorkspace();
  });
  const show = (path: string, answers: Answers = {}) => view.show(path, { ...workspaceAnswers(workspace), ...answers });
  const { shot } = view;
  const dialog = () => view.page.getByRole('dialog');
  const placeOf = (id: string) => {
    const { x, y, w, h } = workspace.dashboards[0]!.widgets.find((widget) => widget.id === id)!;
    return [x, y, w, h];
  };

  it('shows the figures, leads from each to its rows, and says what was not looked at', async () => {
    await show('/');
    await view.page.getByRole('link', { name: /Urgent images/ }).waitFor();
    expect(await view.page.getByRole('heading', { name: /What was looked at/ }).isVisible()).toBe(true);
    await view.page.getByText('19 hosts').waitFor();
    await shot('overview');
    await view.page.getByRole('link', { name: /^log4j-core/ }).click();
    await view.page.waitForURL(/\/images\?query=/);
    expect(new URL(view.page.url()).searchParams.get('query')).toContain('package:log4j-core');
  });

  it('welcomes who has no host yet, and tells how to add one', async () => {
    await show('/', { overview: () => NOTHING_YET });
    await view.page.getByRole('link', { name: 'Add the first sensor' }).click();
    await dialog().getByRole('button', { name: 'Show the commands' }).waitFor();
    expect(new URL(view.page.url()).pathname).toBe('/configuration/sensors');
  });

  it('makes a dashboard and a widget of a query, which are there after a reload', async () => {
    workspace.dashboards = [];
    await show('/');
    await view.page.getByRole('button', { name: 'New dashboard' }).click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Shop');
    await view.page.keyboard.press('Enter');
    await view.page.getByRole('tab', { name: 'Shop', selected: true }).waitFor();
    await view.page.getByRole('button', { name: 'Add widget' }).first().click();
    await dialog().getByRole('radio', { name: 'Donut' }).check({ force: true });
    await dialog().getByLabel('About').selectOption('containers');
    await dialog().getByLabel('Grouped by').selectOption('state');
    await dialog().getByRole('combobox', { name: 'Query of the widget' }).fill('state:running');
    await dialog().getByRole('region', { name: 'Preview' }).getByRole('img', { name: /running: 4123/ }).waitFor();
    await shot('widget-dialog');
    await dialog().getByRole('button', { name: 'Add widget' }).click();
    await view.page.getByRole('region', { name: 'Containers by state' }).waitFor();
    expect(workspace.dashboards).toMatchObject([{ name: 'Shop', widgets: [{ kind: 'donut', entity: 'containers', by: 'state', query: 'state:running' }] }]);
    await view.page.reload();
    await view.page.getByRole('link', { name: 'Containers by state' }).click();
    await view.page.waitForURL(/\/containers\?query=state/);
  });

  it('takes a query from a list page to a dashboard of one’s own', async () => {
    workspace.dashboards = [];
    await show('/?add=images&query=created%3Enow-7d');
    expect(await dialog().getByRole('combobox', { name: 'Query of the widget' }).inputValue()).toBe('created>now-7d');
    await dialog().getByRole('button', { name: 'Add widget' }).click();
    await view.page.getByRole('region', { name: 'Images' }).waitFor();
    expect(workspace.dashboards).toMatchObject([{ name: 'My dashboard', widgets: [{ query: 'created>now-7d' }] }]);
    expect(new URL(view.page.url()).search).toBe(`?board=${workspace.dashboards[0]!.id}`);
  });

  it('says of a query that cannot be read where and why, and adds nothing', async () => {
    await show(`/?add=images&query=${encodeURIComponent('state:(')}`);
    await dialog().getByRole('alert').waitFor();
    expect(await dialog().getByRole('button', { name: 'Add widget' }).isDisabled()).toBe(true);
  });

  it('moves and resizes widgets with the mouse', async () => {
    await show(`/?board=${MINE}`);
    const head = view.page.getByRole('region', { name: 'Urgent images in production' }).getByRole('button', { name: /^Move/ });
    const box = (await head.boundingBox())!;
    await view.page.mouse.move(box.x + 5, box.y + 5);
    await view.page.mouse.down();
    await view.page.mouse.move(box.x + 60, box.y + 330, { steps: 8 });
    await view.page.mouse.up();
    await expect.poll(() => placeOf('w1')[1]).toBeGreaterThan(0);
    const handle = (await view.page.locator('.react-grid-item', { hasText: 'Images by registry' }).locator('.react-resizable-handle').boundingBox())!;
    await view.page.mouse.move(handle.x + 10, handle.y + 10);
    await view.page.mouse.down();
    await view.page.mouse.move(handle.x + 10, handle.y + 120, { steps: 8 });
    await view.page.mouse.up();
    await expect.poll(() => placeOf('w4')[3]).toBeGreaterThan(6);
  });

  it('moves and resizes widgets from the keyboard and by the menu', async () => {
    await show(`/?board=${MINE}`);
    await view.page.getByRole('button', { name: 'Move Images by registry' }).focus();
    await view.page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => placeOf('w4')[2]).toBe(6);
    await view.page.keyboard.press('ArrowRight');
    await expect.poll(() => placeOf('w4')[0]).toBe(1);
    await view.page.getByText('Images by registry: column 2').waitFor({ state: 'attached' });
    await view.page.getByRole('button', { name: 'Actions of Urgent images' }).click();
    await view.page.getByRole('menuitem', { name: 'Higher' }).click();
    await expect.poll(() => placeOf('w1')[3]).toBe(4);
    await view.page.getByRole('button', { name: 'Actions of Urgent images' }).click();
    await view.page.getByRole('menuitem', { name: 'Remove' }).click();
    await expect.poll(() => workspace.dashboards[0]!.widgets.length).toBe(4);
  });

  it('takes back what the server refuses to save, and says so', async () => {
    await show(`/?board=${MINE}`, { dashboardChange: () => refuse(503, 'busy', 'Busy', 'The database does not answer.') });
    await view.page.getByRole('button', { name: 'Actions of Urgent images' }).click();
    await view.page.getByRole('menuitem', { name: 'Remove' }).click();
    await view.page.getByText(/was not saved\. The database does not answer/).waitFor();
    await view.page.getByRole('region', { name: 'Urgent images in production' }).waitFor();
  });

  it('shows what others share without a way to change it, and copies it', async () => {
    await show(`/?board=${SHARED}`);
    await view.page.getByText('Shared by Lin Ma').first().waitFor();
    await view.page.getByRole('region', { name: 'Containers by state' }).waitFor();
    expect(await view.page.getByRole('button', { name: /^Move|^Actions of|Add widget/ }).count()).toBe(0);
    await view.page.getByRole('button', { name: 'Copy to mine' }).click();
    await view.page.getByRole('button', { name: 'Add widget' }).waitFor();
    expect(workspace.dashboards.at(-1)).toMatchObject({ name: 'Cluster health', mine: true });
  });

  it('renames, shares and deletes a dashboard', async () => {
    await show(`/?board=${MINE}`);
    const menu = view.page.getByRole('button', { name: 'Actions of the dashboard' });
    await menu.click();
    await view.page.getByRole('menuitem', { name: /Rename/ }).click();
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Money');
    await dialog().getByRole('checkbox', { name: /Shared/ }).check();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await view.page.getByRole('tab', { name: 'Money' }).waitFor();
    await expect.poll(() => workspace.dashboards[0]).toMatchObject({ name: 'Money', shared: true });
    await menu.click();
    await view.page.getByRole('menuitem', { name: /Delete/ }).click();
    await dialog().getByRole('button', { name: 'Delete dashboard' }).click();
    await view.page.getByRole('tab', { name: 'Overview', selected: true }).waitFor();
    expect(workspace.dashboards.map((board) => board.name)).toEqual(['Cluster health']);
  });

  it('adds a sensor: commands to copy, and the word when it has come', async () => {
    await show('/configuration/sensors?add=sensor');
    await dialog().getByRole('textbox', { name: 'Note' }).fill('Web');
    await view.page.keyboard.press('Enter');
    await dialog().getByText(/npx plimsoll sensor/).waitFor();
    await dialog().getByRole('radio', { name: 'Kubernetes' }).check({ force: true });
    await dialog().getByText(/kubectl apply/).waitFor();
    Object.assign(workspace.enrolmentTokens[0]!, { uses: 1, host: 'prod-web-02', used: new Date().toISOString() });
    await dialog().getByText('has joined').waitFor();
    expect(await dialog().getByRole('link', { name: 'prod-web-02' }).getAttribute('href')).toBe(`/hosts/${uuidOf(1)}`);
  });

  it('revokes a sensor and withdraws a token, after asking', async () => {
    await show('/configuration/sensors');
    await view.page.getByRole('button', { name: 'Actions of the sensor on prod-web-02' }).click();
    await view.page.getByRole('menuitem', { name: /Revoke/ }).click();
    await dialog().getByRole('button', { name: 'Revoke sensor' }).click();
    await expect.poll(() => workspace.sensors[1]!.state).toBe('revoked');
    await view.page.getByRole('tab', { name: 'Enrolment tokens' }).click();
    await view.page.getByRole('button', { name: 'Withdraw' }).click();
    await dialog().getByRole('button', { name: 'Withdraw token' }).click();
    await expect.poll(() => workspace.enrolmentTokens.length).toBe(1);
  });

  it('adds a user within a scope; says at the field what the server refuses', async () => {
    await show('/configuration/users?add=user');
    await expect.poll(() => view.page.evaluate(() => document.activeElement?.closest('.field')?.textContent)).toBe('Name');
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Mei Tan');
    await dialog().getByRole('textbox', { name: 'Email' }).fill('mei');
    await dialog().getByLabel('First password').fill('correct horse battery');
    await dialog().getByRole('checkbox', { name: /certain tags/ }).check();
    await dialog().getByRole('combobox', { name: 'Tags' }).fill('production');
    await view.page.keyboard.press('Enter');
    await dialog().getByRole('button', { name: 'Take out production' }).waitFor();
    await dialog().getByRole('button', { name: 'Add user' }).click();
    await dialog().getByText('Not an email address.').waitFor();
    await dialog().getByRole('textbox', { name: 'Email' }).fill('mei@example.com');
    await view.page.keyboard.press('Enter');
    await view.page.getByText('Mei Tan can sign in now.').waitFor();
    expect(workspace.users.at(-1)).toMatchObject({ name: 'Mei Tan', role: 'reader', scope: ['production'] });
  });

  it('unlocks, disables and removes users; not oneself', async () => {
    await show('/configuration/users');
    const actions = (name: string) => view.page.getByRole('button', { name: `Actions of ${name}` });
    await actions('Tomás Rivera').click();
    await view.page.getByRole('menuitem', { name: 'Unlock' }).click();
    await expect.poll(() => workspace.users[2]!.locked).toBe(false);
    await actions('Lin Ma').click();
    await view.page.getByRole('menuitem', { name: /Disable/ }).click();
    await dialog().getByRole('button', { name: 'Disable user' }).click();
    await expect.poll(() => workspace.users[1]!.disabled).toBe(true);
    await actions('Ada Palmer').click();
    expect(await view.page.getByRole('menuitem', { name: /Remove/ }).getAttribute('aria-disabled')).toBe('true');
  });

  it('shows the secret of a new API token once', async () => {
    await show('/configuration/tokens?add=token');
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Pipeline');
    await view.page.keyboard.press('Enter');
    await dialog().getByText('plm_9Zk2Qw7Lr5Tn8Vb3Xc6Md1Fs').waitFor();
    await dialog().getByRole('button', { name: 'I have it' }).click();
    expect(await view.page.getByText('plm_9Zk2Qw7Lr5Tn8Vb3Xc6Md1Fs').count()).toBe(0);
    expect(workspace.tokens[0]).toMatchObject({ name: 'Pipeline', role: 'ci' });
  });

  it('makes a tag by query, with what it matches now', async () => {
    await show('/configuration/tags?add=tag');
    await dialog().getByRole('textbox', { name: 'Name' }).fill('fleet');
    await dialog().getByRole('radio', { name: 'Violet' }).check({ force: true });
    await dialog().getByRole('radio', { name: 'By query' }).check({ force: true });
    await dialog().getByRole('combobox', { name: 'Query of the tag' }).fill('state:running');
    await dialog().getByText(/\d hosts now/).waitFor();
    await dialog().getByRole('button', { name: 'Create tag' }).click();
    await expect.poll(() => workspace.tags.at(-1)).toMatchObject({ name: 'fleet', colour: 'violet', entity: 'hosts', query: 'state:running' });
  });

  it('changes settings, and says at the field what is wrong', async () => {
    await show('/configuration/settings');
    await view.page.getByLabel('Days that events are kept').fill('30');
    await view.page.getByText('deleted for good').waitFor();
    await view.page.keyboard.press('Enter');
    await expect.poll(() => workspace.settings.retention.eventDays).toBe(30);
    await view.page.getByRole('tab', { name: 'Single sign-on' }).click();
    await view.page.getByLabel('Name').fill('Example');
    await view.page.getByLabel('Issuer').fill('http://login.example.com');
    await view.page.getByLabel('Client ID').fill('plimsoll');
    await view.page.keyboard.press('Enter');
    await view.page.getByText('Not an https address.').waitFor();
    await view.page.getByRole('tab', { name: 'Advisories' }).click();
    await view.page.getByRole('button', { name: 'Update now' }).click();
    await view.page.getByRole('button', { name: 'Updating…' }).waitFor();
  });

  it('pages through the audit log by the address', async () => {
    await show('/configuration/audit?page=2');
    await view.page.getByText('101 to 200 of 243').waitFor();
    await view.page.getByRole('button', { name: 'Earlier' }).click();
    await view.page.getByText('201 to 243 of 243').waitFor();
    expect(new URL(view.page.url()).searchParams.get('page')).toBe('3');
  });

  it('hides from a reader what a reader may not do, and says so on the page', async () => {
    const me = { user: { id: uuidOf(9), name: 'Rea Der', email: 'rea@example.com', role: 'reader', scope: ['staging'] }, csrf: 'csrf' };
    await show('/configuration/users', { me: () => me });
    await view.page.getByText('Your role does not open this page').waitFor();
    await view.page.goto(`${view.server.url}/configuration/sensors?add=sensor`);
    await view.page.getByRole('grid', { name: 'Sensors' }).waitFor();
    expect(await view.page.getByRole('button', { name: /Add sensor|^Actions of the sensor/ }).count()).toBe(0);
    expect(await dialog().count()).toBe(0);
    await view.page.goto(`${view.server.url}/configuration/tags`);
    await view.page.getByRole('grid', { name: 'Tags' }).waitFor();
    expect(await view.page.getByRole('button', { name: /New tag|^Actions of production/ }).count()).toBe(0);
  });

  const PAGES = ['/', `/?board=${MINE}`, '/?add=images', '/configuration/sensors', '/configuration/users?add=user', '/configuration/tokens', '/configuration/tags?add=tag', '/configuration/settings', '/configuration/settings?tab=advisories', '/configuration/audit', '/account'];
  it.each(['light', 'dark'] as const)('has no serious accessibility issue and nothing beside a narrow screen: %s', async (colorScheme) => {
    await view.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await show('/');
    for (const path of PAGES) {
      await view.page.setViewportSize({ width: 1440, height: 900 });
      await view.page.goto(view.server.url + path);
      await view.page.locator('#main h1').waitFor();
      await view.page.waitForLoadState('networkidle').catch(() => undefined);
      expect(await seriousIssues(view.page), path).toEqual([]);
      await view.page.setViewportSize({ width: 390, height: 844 });
      expect(await view.page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390);
    }
  }, 120_000);
}, 60_000);
