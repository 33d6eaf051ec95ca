import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Package, Sbom } from '@plimsoll/model';
import type { ImageRow, VulnerabilityRow } from '@plimsoll/model/api';
import { enrolMadeSensor, madeHost, madeImageId } from '../../e2e/support/made-sensor.ts';
import { startPostgres } from '../../e2e/support/postgres.ts';
import { signInAsAdmin, startServerProcess, until, type Client } from '../../e2e/support/server.ts';
import { zipOf } from '../../packages/advisories/src/feeds/feeds.fixtures.ts';

/**
 * How fast a server on PostgreSQL takes in SBOMs, and how soon an advisory that comes later shows on every image
 * it touches: `intake [--images 1000] [--packages 500] [--sensors 4]`.
 *
 * Packages are npm packages with made-up names, the shared ones in many images as in life; one in five has an advisory.
 */
const { values } = parseArgs({
  options: { images: { type: 'string', default: '1000' }, packages: { type: 'string', default: '500' }, sensors: { type: 'string', default: '4' }, url: { type: 'string' } },
});
const [images, packages, sensors] = [Number(values.images), Number(values.packages), Number(values.sensors)];
const LIBRARIES = 6000;

const library = (i: number) => ({ name: `made-library-${i}`, version: `${1 + (i % 4)}.${i % 10}.0` });

function sbomOf(n: number): Sbom {
  // Half from the 600 that everyone uses, half from all: which, depends on the image alone.
  const chosen = new Set<number>();
  for (let k = 0; chosen.size < packages - 1; k++) chosen.add(k % 2 === 0 ? (n * 7 + k * 13) % 600 : (n * 101 + k * k * 17 + k) % LIBRARIES);
  const all = [{ name: 'made-shared', version: '1.0.0' }, ...[...chosen].map(library)];
  return {
    image: { reference: `made:${n}`, kind: 'docker', id: madeImageId(`intake ${n}`), tags: [`made:${n}`], repoDigests: [], layers: [{ index: 0 }], history: [] },
    packages: all.map(({ name, version }): Package => ({ name, version, type: 'npm', purl: `pkg:npm/${name}@${version}`, cataloger: 'npm', paths: [`app/node_modules/${name}/package.json`], layer: 0 })),
    secrets: [], posture: [], warnings: [],
  };
}

function advisory(id: string, name: string): [string, object] {
  return [`${id}.json`, {
    schema_version: '1.6.0', id, modified: '2026-01-01T00:00:00Z', published: '2026-01-01T00:00:00Z', aliases: [`CVE-2026-${id.replace(/\D/g, '').padStart(5, '0')}`],
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [{ package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '9.0.0' }] }] }],
  }];
}

/** A mirror of feeds: one advisory for each fifth library, and when told, one more. */
function writeFeeds(folder: string, more: boolean): void {
  const records = Array.from({ length: LIBRARIES / 5 }, (_, i) => advisory(`GHSA-made-${i}`, library(i * 5).name));
  if (more) records.push(advisory('GHSA-made-99999', 'made-shared'));
  const file = join(folder, 'osv', 'npm', 'all.zip');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, zipOf(Object.fromEntries(records)));
}

const seconds = (since: number) => (performance.now() - since) / 1000;
const totalOf = async (client: Client, entity: string, query: string) =>
  (await client.get<{ total: number }>(`/api/v1/search/${entity}?limit=1&query=${encodeURIComponent(query)}`)).total;

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-intake-'));
const postgres = values.url === undefined ? await startPostgres() : undefined;
try {
  const feeds = join(folder, 'feeds');
  writeFeeds(feeds, false);
  const server = await startServerProcess({ dataDir: join(folder, 'data'), env: { DATABASE_URL: values.url ?? postgres!.url, PLIMSOLL_FEEDS: feeds } });
  try {
    const admin = await signInAsAdmin(server);
    await admin.send('POST', '/api/v1/advisories/update');
    await until('the first advisories are there', async () => {
      const { feeds, failed } = await admin.get<{ feeds: object[]; failed: string | null }>('/api/v1/advisories');
      if (failed !== null) throw new Error(failed);
      return feeds.length === 1;
    });

    const fleet = await Promise.all(Array.from({ length: sensors }, (_, i) => enrolMadeSensor(() => server.url, admin, `intake-${i}`)));
    fleet.forEach((sensor, i) => {
      sensor.say(madeHost(`intake-${i}`));
    });
    for (let n = 0; n < images; n++) {
      const imageId = madeImageId(`intake ${n}`);
      const sensor = fleet[n % sensors]!;
      sensor.say({ kind: 'image', image: { imageId, references: [`made:${n}`], digests: [], created: null, size: null, labels: {} } });
      sensor.say({ kind: 'sbom', imageId, sbom: gzipSync(JSON.stringify(sbomOf(n))).toString('base64') });
    }
    const began = performance.now();
    await Promise.all(fleet.map((sensor) => sensor.flush({ batch: 20 })));
    const taken = seconds(began);
    await until('all images are judged', async () => (await totalOf(admin, 'images', 'vulnerabilities.severity:5')) === images, 600);
    const judged = seconds(began);
    const findings = (await admin.search<ImageRow>('images', '')).rows.reduce((sum, row) => sum + (row.vulnerabilities?.[5] ?? 0), 0);

    writeFeeds(feeds, true);
    const asked = performance.now();
    await admin.send('POST', '/api/v1/advisories/update');
    await until('the new advisory shows on all', async () => (await totalOf(admin, 'images', 'vulnerabilities.package:made-shared')) === images, 600);
    const shown = seconds(asked);
    const [row] = (await admin.search<VulnerabilityRow>('vulnerabilities', 'package:made-shared')).rows;
    if (row?.images !== images) throw new Error(`the vulnerability names ${row?.images} of ${images} images`);

    console.log(`| SBOMs of ${packages} packages, ${sensors} sensors, PostgreSQL | |\n|---|---|`);
    console.log(`| taken in: stored with all packages, acknowledged | ${(images / taken).toFixed(0)} a second (${images} in ${taken.toFixed(1)} s) |`);
    console.log(`| taken in and judged | ${(images / judged).toFixed(0)} a second (${judged.toFixed(1)} s); about ${Math.round(findings / Math.min(images, 500))} findings each |`);
    console.log(`| a new advisory that touches ${images} images, from the request to fetch the feeds until the search finds all | ${shown.toFixed(1)} s |`);
  } finally {
    await server.stop();
  }
} finally {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}
