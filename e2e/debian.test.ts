/**
 * A real Debian 12 without its security pocket. What is expected comes from the feed by another way:
 * packages by dpkg-query, records by unzip, and each comparison by `dpkg --compare-versions`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScanReport } from '@plimsoll/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianRootfs, needsDebian } from './support/debian.ts';
import { haveAll, SHARED } from './support/needs.ts';
import { ALL_SUITES, findingLines, makeWorkplace, sharedDatabase, titledForAll, type Workplace } from './support/plimsoll.ts';

const ECOSYSTEM = 'Debian:12';

interface Record {
  id: string;
  withdrawn?: string;
  upstream?: string[];
  aliases?: string[];
  affected: { package: { ecosystem: string; name: string }; versions?: string[]; ranges?: { events: { introduced?: string; fixed?: string; last_affected?: string }[] }[] }[];
}

interface Installed {
  name: string;
  version: string;
  source: string;
  sourceVersion: string;
}

let place: Workplace;
let database: string;
let rootfs: string;
let report: ScanReport;
let installed: Installed[];
const records = new Map<string, Record>();

const TOOLS = ['shared', 'dpkg', 'dpkg-query', 'unzip', 'tar'];
const present = ALL_SUITES && haveAll(...TOOLS) && needsDebian().present;
const reason = ALL_SUITES && haveAll(...TOOLS) && !present ? ` (skipped: needs a Debian image: ${needsDebian().reason})` : '';

describe.skipIf(!present)(titledForAll('Debian 12 without the security pocket, with imagemagick', ...TOOLS) + reason, () => {
  beforeAll(async () => {
    place = makeWorkplace();
    database = await sharedDatabase();
    rootfs = await debianRootfs({ include: ['imagemagick'] });
    report = await place.scan(rootfs, ['--db', database]);

    execFileSync('tar', ['-xf', rootfs, '-C', place.dir, './var/lib/dpkg']);
    const format = '${Package}\t${Version}\t${source:Package}\t${source:Version}\t${db:Status-Status}\n';
    const listed = execFileSync('dpkg-query', [`--admindir=${place.path('var/lib/dpkg')}`, '-W', '-f', format]).toString();
    installed = listed.trim().split('\n').map((line) => line.split('\t')).filter((fields) => fields[4] === 'installed')
      .map(([name, version, source, sourceVersion]) => ({ name: name!, version: version!, source: source!, sourceVersion: sourceVersion! }));

    const folder = place.path('feed');
    mkdirSync(folder);
    execFileSync('unzip', ['-q', join(SHARED, 'feeds/osv/Debian/all.zip'), '-d', folder]);
    for (const name of readdirSync(folder)) {
      const record = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record;
      if (record.withdrawn === undefined) records.set(record.id, record);
    }
  }, 1_200_000);
  afterAll(() => {
    place.remove();
  });

  it('lists the packages that dpkg-query lists, with their sources', () => {
    const found = report.packages.filter(({ type }) => type === 'deb')
      .map(({ name, version, source }) => ({ name, version, source: source?.name ?? name, sourceVersion: source?.version ?? version }));
    const byName = (a: Installed, b: Installed) => (a.name < b.name ? -1 : 1);
    expect(found.sort(byName)).toEqual(installed.sort(byName));
  });

  it('finds exactly what dpkg says of the feed', () => {
    const expected = expectedLines();
    expect(expected.length).toBeGreaterThan(100);
    expect(findingLines(report.findings)).toEqual(expected);
  }, 300_000);

  it('lists libmagick with installed and fixed-in versions', () => {
    const libmagick = report.findings.filter(({ package: { name } }) => name.startsWith('libmagick'));
    expect(new Set(libmagick.map(({ package: { name } }) => name))).toContain('libmagickcore-6.q16-6');
    expect(new Set(libmagick.map(({ package: { name } }) => name))).toContain('libmagickwand-6.q16-6');
    for (const { package: { version }, fixedVersion } of libmagick) {
      expect(version).toMatch(/^8:6\.9\.11\.60\+dfsg-1\.6\+deb12u\d+$/);
      if (fixedVersion !== undefined) expect(less([[version, fixedVersion]])).toEqual([true]);
    }
    expect(libmagick.map(({ fixedVersion }) => fixedVersion)).toContain('8:6.9.11.60+dfsg-1.6+deb12u15');
  });

  it('traces every finding to records that name its source package, release and fix', () => {
    for (const { id, package: pkg, evidence, fixedVersion } of report.findings) {
      expect(evidence.length).toBeGreaterThan(0);
      for (const { advisory, ecosystem, package: source, version } of evidence) {
        const record = records.get(advisory);
        const affected = record?.affected.filter((each) => each.package.ecosystem === ECOSYSTEM && each.package.name === source) ?? [];
        expect([id, ecosystem, source, version, affected.length > 0]).toEqual([id, ECOSYSTEM, pkg.source?.name ?? pkg.name, pkg.source?.version ?? pkg.version, true]);
        expect([record!.id, ...(record!.upstream ?? [])].some((each) => each === id)).toBe(true);
      }
      const fixes = evidence.flatMap(({ advisory, package: source }) =>
        records.get(advisory)!.affected
          .filter((each) => each.package.ecosystem === ECOSYSTEM && each.package.name === source)
          .flatMap(({ ranges = [] }) => ranges.flatMap(({ events }) => events.map(({ fixed }) => fixed))));
      if (fixedVersion !== undefined) expect(fixes).toContain(fixedVersion);
    }
  });

  it('names an upgrade of imagemagick that removes all that has a fix', () => {
    const upgrade = report.upgrades.find(({ name }) => name === 'imagemagick');
    expect(upgrade?.to).toBe('8:6.9.11.60+dfsg-1.6+deb12u15');
    const fixable = report.findings.filter(({ package: { source }, fixedVersion }) => source?.name === 'imagemagick' && fixedVersion !== undefined);
    expect([...(upgrade?.findings ?? [])].sort()).toEqual([...new Set(fixable.map(({ id }) => id))].sort());
  });
  it('explains one: the advisory, the source version compared, where it came in, the upgrade', async () => {
    const finding = report.findings.find(({ package: { name }, fixedVersion }) => name === 'libmagickcore-6.q16-6' && fixedVersion !== undefined)!;
    const { code, stdout } = await place.plimsoll(['explain', rootfs, finding.id, '--db', database], { env: { COLUMNS: '1000' } });
    expect(code).toBe(0);
    expect(stdout).toContain(`${finding.evidence[0]!.advisory} (${ECOSYSTEM}) affects imagemagick < ${finding.fixedVersion!}`);
    expect(stdout).toContain(`imagemagick ${finding.package.source!.version}`);
    expect(stdout).toContain('var/lib/dpkg/status');
    expect(stdout).toMatch(/remedy +apt-get .*libmagickcore-6\.q16-6/);
  });

  it.each(['cyclonedx', 'spdx'])('gives the same findings from its SBOM (%s)', async (format) => {
    const sbom = place.path(`${format}.json`);
    expect((await place.plimsoll(['scan', rootfs, '--db', database, '--format', format, '-o', sbom])).code).toBe(0);
    const again = await place.scan(sbom, ['--db', database]);
    expect(again.packages).toEqual(report.packages);
    expect(again.findings).toEqual(report.findings);
  });
});

/** Whether dpkg calls the first of each pair older. One shell asks for all. */
function less(pairs: [string, string][]): boolean[] {
  if (pairs.length === 0) return [];
  const script = 'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo y; else echo n; fi; done';
  const out = execFileSync('sh', ['-c', script], { input: pairs.map(([a, b]) => `${a} ${b}\n`).join('') }).toString().trim().split('\n');
  expect(out).toHaveLength(pairs.length);
  return out.map((answer) => answer === 'y');
}

/**
 * By the rules of the issue: a record on one CVE (DEBIAN-CVE-…) decides over bulletins (DSA, DLA) on
 * the same CVE; bulletins without a CVE stand for themselves.
 */
function expectedLines(): string[] {
  interface Case { source: string; version: string; record: Record; introduced: string; fixed?: string; versions: string[] }
  const sources = new Map(installed.map(({ source, sourceVersion }) => [`${source} ${sourceVersion}`, { source, version: sourceVersion }]));
  const cases: Case[] = [];
  const bySource = new Map<string, [Record, Record['affected'][number]][]>();
  for (const record of records.values()) {
    for (const affected of record.affected.filter((each) => each.package.ecosystem === ECOSYSTEM)) {
      const { name } = affected.package;
      bySource.set(name, [...(bySource.get(name) ?? []), [record, affected]]);
    }
  }
  for (const { source, version } of sources.values()) {
    for (const [record, { ranges = [], versions = [] }] of bySource.get(source) ?? []) {
      for (const { events } of ranges) {
        // The feed's Debian ranges have one beginning and at most one end; anything else would need more rules here.
        const introduced = events.flatMap((event) => event.introduced ?? []);
        const fixed = events.flatMap((event) => event.fixed ?? []);
        expect([record.id, introduced.length, fixed.length <= 1, events.length]).toEqual([record.id, 1, true, introduced.length + fixed.length]);
        cases.push({ source, version, record, introduced: introduced[0]!, ...(fixed[0] === undefined ? {} : { fixed: fixed[0] }), versions });
      }
    }
  }
  const beforeStart = less(cases.map(({ version, introduced }) => [version, introduced === '0' ? '0~~' : introduced]));
  const beforeFix = less(cases.map(({ version, fixed }) => [version, fixed ?? version]));
  interface Verdict { affected: boolean; fixed?: string }
  const verdicts = new Map<string, { perCve?: Verdict; bulletins: Verdict[] }>();
  cases.forEach(({ source, version, record, fixed, versions }, i) => {
    const inRange = !beforeStart[i]! && (fixed === undefined || beforeFix[i]!);
    const verdict: Verdict = { affected: inRange || versions.includes(version), ...(fixed === undefined ? {} : { fixed }) };
    const cves = [...(record.upstream ?? []), ...(record.aliases ?? [])].filter((id) => id.startsWith('CVE-'));
    for (const id of cves.length > 0 ? cves : [record.id]) {
      const key = `${source} ${version} ${id}`;
      const known = verdicts.get(key) ?? { bulletins: [] };
      if (record.id === `DEBIAN-${id}`) known.perCve = verdict;
      else known.bulletins.push(verdict);
      verdicts.set(key, known);
    }
  });
  const lines: string[] = [];
  for (const [key, { perCve, bulletins }] of verdicts) {
    const deciding = perCve ?? bulletins.find(({ affected }) => affected);
    if (!deciding?.affected) continue;
    const [source, sourceVersion, id] = key.split(' ');
    for (const pkg of installed.filter((each) => each.source === source && each.sourceVersion === sourceVersion)) {
      lines.push(`${id!} ${pkg.name} ${pkg.version} → ${deciding.fixed ?? 'none'}`);
    }
  }
  return lines.sort();
}
