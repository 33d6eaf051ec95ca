/** One image, container, host and vulnerability, and the ways between them. */
import { readFileSync } from 'node:fs';
import type { ContainerRow, HostRow, ImageRow, SbomView } from '@plimsoll/model/api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FAILURE } from './console/inventory.ts';
import { stage, type Stage } from './console/stage.ts';
import { CHROMIUM, titledForBrowser, type Visitor } from './support/browser.ts';

describe.skipIf(CHROMIUM === undefined)(titledForBrowser('the pages of one thing in the console'), () => {
  let set: Stage;
  let ada: Visitor;
  let image: ImageRow;
  let sbom: SbomView;

  beforeAll(async () => {
    set = await stage();
    ada = await set.ada();
    image = await imageNamed('shop/front:1.4.2');
    sbom = (await set.admin.get<{ sbom: SbomView }>(`/api/v1/images/${image.id}/sbom`)).sbom;
  });
  afterAll(() => set?.end());
  beforeEach(() => ada.page.goto('about:blank'));
  afterEach(() => expect(ada.complaints()).toEqual([]));

  const imageNamed = async (name: string) => (await set.admin.search<ImageRow>('images', `name:"${name}"`)).rows[0]!;
  const show = async (path: string) => {
    await ada.page.goto(path);
    await ada.settled();
  };
  const tab = (name: string | RegExp) => ada.page.getByRole('tab', { name });
  const heading = (name: string | RegExp) => ada.page.getByRole('heading', { level: 1, name }).waitFor();
  const panel = () => ada.page.getByRole('tabpanel');

  it('an image: overview, findings, layers, packages, upgrades, posture and secrets, containers, history', async () => {
    await show(`/images/${encodeURIComponent(image.id)}`);
    await heading(/shop\/front:1\.4\.2/);
    await ada.page.getByText('What to upgrade').waitFor();
    await panel().getByRole('link', { name: 'shop-web-01' }).waitFor();

    await tab(/^Vulnerabilities/).click();
    await ada.settled();
    expect(await tab(/^Vulnerabilities/).textContent()).toContain(String(sbom.findings.length));
    const known = sbom.findings.find((finding) => finding.kev !== null)!;
    await panel().getByRole('searchbox').fill(known.id);
    const found = ada.page.getByRole('row', { name: new RegExp(known.id) }).first();
    expect(await found.textContent()).toContain('KEV');
    expect(await found.textContent()).toContain(known.fixedVersion ?? '');
    await found.click();
    const side = ada.page.getByRole('dialog');
    await side.getByText(known.purl).first().waitFor();
    await side.getByRole('heading', { name: 'Advisories' }).waitFor();
    await ada.page.keyboard.press('Escape');

    await tab(/^Layers/).click();
    await panel().getByText('COPY node_modules /app/node_modules').first().waitFor();
    await panel().getByText(/base/i).first().waitFor();
    await tab(/^Packages/).click();
    await panel().getByText('lodash').first().waitFor();
    await tab(/^Upgrades/).click();
    const upgrade = sbom.upgrades[0]!;
    await panel().getByText(upgrade.to).first().waitFor();
    await panel().getByRole('link', { name: /removes \d+ finding/ }).first().click();
    await ada.page.getByRole('button', { name: new RegExp(`^Removed by ${upgrade.name.replace(/[^\w]/g, '.')}`) }).waitFor();
    await tab(/^Posture/).click();
    await panel().getByText('app/config/deploy.pem').first().waitFor();
    await panel().getByText('Runs as root: no USER').waitFor();
    await tab(/^Containers/).click();
    await ada.page.getByRole('row', { name: /front-4/ }).waitFor();
    await tab(/^History/).click();
    await panel().getByText('First scan').first().waitFor();
    await ada.page.reload();
    await panel().getByText('First scan').first().waitFor();
    await panel().getByRole('button', { name: /First scan/ }).click();
    await panel().getByRole('link', { name: /^CVE-/ }).first().click();
    await heading(/^CVE-/);
  });

  it('gives the SBOM as a file', async () => {
    await show(`/images/${encodeURIComponent(image.id)}`);
    await ada.page.getByRole('button', { name: 'SBOM' }).click();
    const [download] = await Promise.all([ada.page.waitForEvent('download'), ada.page.getByRole('menuitem', { name: 'CycloneDX' }).click()]);
    const document = JSON.parse(readFileSync(await download.path(), 'utf8')) as { bomFormat: string; components: { name: string }[] };
    expect(document.bomFormat).toBe('CycloneDX');
    expect(document.components.map((component) => component.name)).toContain('lodash');
  });

  it('never shows as clean what was not scanned, failed, or was not wholly read', async () => {
    for (const [name, said] of [['shop/mail:0.9', /not scanned/i], ['shop/legacy:2014', FAILURE]] as const) {
      await show(`/images/${encodeURIComponent((await imageNamed(name)).id)}?tab=vulnerabilities`);
      await panel().getByText(said).first().waitFor();
      expect(await ada.page.getByText(/no vulnerabilit/i).count()).toBe(0);
    }
    await show(`/images/${encodeURIComponent((await imageNamed('shop/report:0.3')).id)}`);
    await ada.page.getByText('Not everything could be judged.').waitFor();
    await panel().getByText('Archives within archives are read eight levels deep').first().waitFor();
    // Nothing is known against this one: what was looked at stands beside.
    await show(`/images/${encodeURIComponent((await imageNamed('busybox:1.36')).id)}?tab=vulnerabilities`);
    await panel().getByText('No vulnerability found').waitFor();
    await panel().getByText(/1 package/).first().waitFor();
  });

  it('from a container to its image, its host and its neighbours', async () => {
    const { rows } = await set.admin.search<ContainerRow>('containers', 'name:debug');
    await show(`/containers/${rows[0]!.id}`);
    await heading('debug');
    await ada.page.getByText('Privileged').first().waitFor();
    await panel().getByText('/var/run/docker.sock').first().waitFor();
    await tab('Vulnerabilities').click();
    await ada.page.getByRole('row', { name: /CVE-2019-20372/ }).first().waitFor();
    await tab('Events').click();
    await ada.settled();
    await ada.page.getByRole('link', { name: 'Open image' }).click();
    await heading(/nginx:1\.16-alpine/);
    await panel().getByRole('link', { name: 'shop-web-01' }).click();
    await heading('shop-web-01');
    await tab(/^Containers/).click();
    await panel().getByRole('link', { name: 'cart-2' }).click();
    await heading('cart-2');
    await ada.page.goBack();
    await heading('shop-web-01');
    expect(await tab(/^Containers/).getAttribute('aria-selected')).toBe('true');
  });

  it('a host: its facts, its own findings, and what its containers put at risk', async () => {
    const { rows } = await set.admin.search<HostRow>('hosts', 'name:shop-web-01');
    await show(`/hosts/${rows[0]!.id}`);
    for (const fact of ['eu-central-1', 'm6i.large', 'i-0abc123def4567890', 'Debian GNU/Linux 12 (bookworm)']) await ada.page.getByText(fact).first().waitFor();
    await tab(/^Vulnerabilities/).click();
    await panel().getByRole('searchbox').fill('curl');
    await ada.page.getByRole('row', { name: /7\.88\.1-10/ }).first().waitFor();
    await tab(/^Packages/).click();
    await panel().getByText('libcurl4').first().waitFor();
  });

  it('a vulnerability: what is known of it, and who has it', async () => {
    await show('/vulnerabilities?query=id%3ACVE-2023-4863');
    await ada.page.getByRole('link', { name: 'CVE-2023-4863' }).click();
    await heading('CVE-2023-4863');
    await ada.settled();
    await ada.page.getByText('Exploited since 13 Sept 2023').first().waitFor();
    await tab(/^Images/).click();
    await ada.page.getByRole('row', { name: /shop\/front:1\.4\.2/ }).waitFor();
    await tab(/^Containers/).click();
    await panel().getByRole('link', { name: 'front-5' }).click();
    await heading('front-5');
  });

  it('says plainly what is not there', async () => {
    for (const path of ['/images/sha256:nothing', '/hosts/00000000-0000-4000-8000-000000000000', '/containers/nothing', '/vulnerabilities/CVE-1999-99999', '/nowhere']) {
      await show(path);
      await ada.page.getByText(/not here|no such|not found|is no|not known|unknown/i).first().waitFor();
    }
  });
});
