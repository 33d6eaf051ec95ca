import { readFileSync } from 'node:fs';
import type { Advisory } from '@plimsoll/model';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { AdvisoryRecord, AffectedPackage } from '../feeds/feed.ts';
import { scratchFolders } from '../feeds/feeds.fixtures.ts';
import { arbitraryRecords, buildFrom, FULL_CVE, FULL_RECORD } from './database.fixtures.ts';
import { normalizeName } from './keys.ts';
import { openDatabase, verifyDatabase } from './open.ts';

const scratch = scratchFolders();
afterEach(() => scratch.clean());

/** What a lookup should give for one of a record's packages. */
function expected({ affected: _affected, ...facts }: AdvisoryRecord, affected: AffectedPackage): Advisory {
  return { ...facts, ...affected, package: normalizeName(affected.ecosystem, affected.package) };
}

describe('a database', () => {
  it('gives back every field of an advisory', async () => {
    const { file } = await buildFrom(scratch.make(), { records: [FULL_RECORD], cves: [] });
    const database = openDatabase(file);
    for (const affected of FULL_RECORD.affected) {
      expect(database.advisoriesFor(affected.ecosystem, affected.package)).toEqual([expected(FULL_RECORD, affected)]);
    }
    database.close();
  });

  it('gives back every field of a CVE, with the day of the EPSS feed', async () => {
    const feeds = [{ name: 'epss', records: 1, asOf: '2026-08-22T00:00:00Z' }];
    const { file } = await buildFrom(scratch.make(), { records: [], cves: [FULL_CVE], feeds });
    const database = openDatabase(file);
    expect(database.cve('CVE-2023-4911')).toEqual(FULL_CVE);
    expect(database.cve('cve-2023-4911')).toEqual(FULL_CVE);
    expect(database.cve('CVE-2023-4912')).toBeUndefined();
    database.close();
  });

  it('says what it holds', async () => {
    const feeds = [{ name: 'osv/Debian', records: 1, sha256: 'ab', url: 'https://example.org' }];
    const { file, info } = await buildFrom(scratch.make(), { records: [FULL_RECORD], cves: [FULL_CVE], feeds });
    expect(info).toEqual({ format: 1, built: '2026-01-02T03:04:05Z', feeds, ecosystems: ['Debian:12', 'PyPI'], advisories: 2, cves: 1 });
    expect(verifyDatabase(file)).toEqual(info);
  });

  it('joins what several feeds say of one CVE', async () => {
    const { id, scores, cwes, kev, epss } = FULL_CVE;
    const parts = [
      { id, scores: [], cwes: ['CWE-787'], kev: kev! },
      { id, scores, cwes, published: '2023-10-03T17:25:08Z' },
      { id, scores: [...scores, { ...scores[0]!, version: '3.0' }], cwes: [] },
      { id, scores: [], cwes: [], epss: { score: epss!.score, percentile: epss!.percentile } },
    ];
    const { file } = await buildFrom(scratch.make(), { records: [], cves: parts });
    const database = openDatabase(file);
    expect(database.cve(id)).toEqual({
      id,
      scores: [scores[0], { ...scores[0], version: '3.0' }],
      cwes,
      published: '2023-10-03T17:25:08Z',
      kev,
      epss: { score: epss!.score, percentile: epss!.percentile },
    });
    database.close();
  });

  it('finds an advisory by its id, aliases and CVEs in any case, for each of its packages', async () => {
    const other: AdvisoryRecord = { ...FULL_RECORD, id: 'OTHER', cves: ['CVE-2023-44487'], aliases: [] };
    const { file } = await buildFrom(scratch.make(), { records: [other, FULL_RECORD], cves: [] });
    const database = openDatabase(file);
    for (const id of ['DSA-5514-1', 'dsa-5514-1', 'GHSA-m77w-6vjw-wh2f', 'CVE-2023-4911']) {
      expect(database.byId(id)).toEqual(FULL_RECORD.affected.map((affected) => expected(FULL_RECORD, affected)));
    }
    expect(database.byId('CVE-2023-44487')).toHaveLength(4);
    expect(database.byId('CVE-2023-4910')).toEqual([]);
    database.close();
  });

  it.each([
    ['PyPI', 'Zope.Interface', ['zope-interface', 'ZOPE_.interface']],
    ['NuGet', 'Newtonsoft.Json', ['newtonsoft.json']],
    ['Packagist', 'Symfony/Http', ['symfony/http']],
  ])('finds a package by any spelling that %s takes', async (ecosystem, name, spellings) => {
    const record = { ...FULL_RECORD, affected: [{ ecosystem, package: name, ranges: [], versions: ['1'] }] };
    const { file } = await buildFrom(scratch.make(), { records: [record], cves: [] });
    const database = openDatabase(file);
    for (const spelling of [name, ...spellings]) expect(database.advisoriesFor(ecosystem, spelling)).toHaveLength(1);
    database.close();
  });

  it('keeps names of other ecosystems apart by case', async () => {
    const record = { ...FULL_RECORD, affected: [{ ecosystem: 'npm', package: 'JSONStream', ranges: [], versions: ['1'] }] };
    const { file } = await buildFrom(scratch.make(), { records: [record], cves: [] });
    const database = openDatabase(file);
    expect(database.advisoriesFor('npm', 'jsonstream')).toEqual([]);
    expect(database.advisoriesFor('npm:1', 'JSONStream')).toEqual([]);
    database.close();
  });

  it('joins the branches of one package in one advisory, but keeps the builds of an RPM erratum apart', async () => {
    const branch = (ecosystem: string, fixed: string): AffectedPackage => ({
      ecosystem,
      package: 'p',
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
      versions: [],
    });
    const records = [{ ...FULL_RECORD, affected: ['npm', 'AlmaLinux:8'].flatMap((name) => [branch(name, '1'), branch(name, '2')]) }];
    const { file, info } = await buildFrom(scratch.make(), { records, cves: [] });
    const database = openDatabase(file);
    expect(database.advisoriesFor('npm', 'p').map(({ ranges }) => ranges.length)).toEqual([2]);
    expect(database.advisoriesFor('AlmaLinux:8', 'p').map(({ ranges }) => ranges[0]!.events[1])).toEqual([{ fixed: '1' }, { fixed: '2' }]);
    expect(info.advisories).toBe(3);
    expect(database.byId(FULL_RECORD.id)).toHaveLength(3);
    database.close();
  });

  it('takes a record that two feeds hold alike once', async () => {
    const { file, info } = await buildFrom(scratch.make(), { records: [FULL_RECORD, FULL_RECORD], cves: [] });
    const database = openDatabase(file);
    expect(info.advisories).toBe(2);
    expect(database.advisoriesFor('Debian:12', 'glibc')).toHaveLength(1);
    expect(database.byId(FULL_RECORD.id)).toHaveLength(2);
    database.close();
  });

  it('gives back whatever was put in, whether sorted in memory or on disk, with the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRecords, async (records) => {
        const folder = scratch.make();
        const { file, info } = await buildFrom(folder, { records, cves: [] });
        const database = openDatabase(file);
        const all = new Map<string, Advisory[]>();
        for (const record of records) {
          for (const affected of record.affected) {
            const advisory = expected(record, affected);
            const key = JSON.stringify([advisory.ecosystem, advisory.package]);
            all.set(key, [...(all.get(key) ?? []), advisory]);
          }
        }
        let total = 0;
        for (const [key, wanted] of all) {
          const [ecosystem, name] = JSON.parse(key) as [string, string];
          const found = database.advisoriesFor(ecosystem, name);
          expect(spread(found)).toEqual(spread(wanted));
          total += found.length;
        }
        expect(total).toBe(info.advisories);
        for (const record of records) {
          for (const id of [record.id, ...record.cves, ...record.aliases]) {
            const carriers = records.filter((other) =>
              [other.id, ...other.cves, ...other.aliases].some((name) => name.toUpperCase() === id.toUpperCase()),
            );
            const wanted = carriers.flatMap((other) => other.affected.map((affected) => expected(other, affected)));
            expect(spread(database.byId(id))).toEqual(spread(wanted));
          }
        }
        database.close();
        const spilled = await buildFrom(scratch.make(), { records, cves: [] }, 2000);
        expect(readFileSync(spilled.file).equals(readFileSync(file))).toBe(true);
        scratch.clean();
      }),
      { numRuns: 60 },
    );
  });
});

/** One line per range and per version, sorted: entries of one package may have been joined. */
function spread(advisories: readonly Advisory[]): string[] {
  const lines = advisories.flatMap(({ ranges, versions, ...facts }) => {
    const sorted = JSON.stringify(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)));
    return [sorted, ...ranges.map((range) => sorted + JSON.stringify(range)), ...versions.map((version) => sorted + version)];
  });
  return [...new Set(lines)].sort();
}
