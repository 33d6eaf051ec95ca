import type { Finding } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { parseIdMap } from './id-map.ts';
import { match } from './match.ts';
import { advisory, installed, memoryDatabase, sbomOf } from './memory-database.fixtures.ts';

const ids = (findings: Finding[]) => findings.map(({ id, package: pkg }) => `${id} ${pkg.name}`);
const CVE = 'CVE-2024-0001';
const OTHER = 'CVE-2024-0002';

describe('OS packages', () => {
  it('asks Debian by source package and source version', () => {
    const db = memoryDatabase([advisory(`DEBIAN-${CVE}`, 'Debian:12', 'openssl', '3.0.11-1', { cves: [CVE] })]);
    const source = (version: string) => ({ source: { name: 'openssl', version } });
    const sbom = sbomOf(
      [
        installed('deb', 'libssl3', '3.0.9-1+b2', source('3.0.9-1')),
        installed('deb', 'openssl', '3.0.9-1', source('3.0.9-1')),
        installed('deb', 'libssl-doc', '9.9', source('3.0.11-1')),
      ],
      'Debian:12',
    );
    const { findings, coverage } = match(sbom, db);
    expect(ids(findings)).toEqual([`${CVE} libssl3`, `${CVE} openssl`]);
    expect(findings[0]).toMatchObject({
      aliases: [`DEBIAN-${CVE}`],
      fixedVersion: '3.0.11-1',
      status: 'fixed',
      evidence: [{ advisory: `DEBIAN-${CVE}`, package: 'openssl', version: '3.0.9-1', range: '< 3.0.11-1', url: `https://security-tracker.debian.org/tracker/${CVE}` }],
      layer: { index: 0, diffId: 'sha256:aa', digest: 'sha256:bb', createdBy: 'RUN install', fromBase: true },
    });
    expect(coverage).toEqual([]);
    expect(db.asked).toEqual(['Debian:12 openssl']);
  });

  it('does not take another release for its own', () => {
    const db = memoryDatabase([advisory(`DEBIAN-${CVE}`, 'Debian:11', 'bash', '9', { cves: [CVE] })]);
    const { findings, coverage } = match(sbomOf([installed('deb', 'bash', '5.0')], 'Debian:12'), db);
    expect(findings).toEqual([]);
    expect(coverage).toEqual([{ reason: 'the database has no advisories for Debian:12', ecosystem: 'Debian:12', packages: 1 }]);
  });

  it('asks Alpine by origin, Wolfi by origin and by sub-package', () => {
    const source = { source: { name: 'openssl', version: '' } };
    const of = (os: string, name: string) =>
      ids(match(sbomOf([installed('apk', 'libssl3', '3.0-r0', source)], os), memoryDatabase([advisory('CGA-1', os, name, '3.1-r0', { cves: [CVE] })])).findings);
    expect(of('Alpine:v3.18', 'openssl')).toEqual([`${CVE} libssl3`]);
    expect(of('Alpine:v3.18', 'libssl3')).toEqual([]);
    expect(of('Wolfi', 'openssl')).toEqual([`${CVE} libssl3`]);
    expect(of('Wolfi', 'libssl3')).toEqual([`${CVE} libssl3`]);
  });

  it('takes fixed version 0 as never affected', () => {
    const db = memoryDatabase([advisory(`ALPINE-${CVE}`, 'Alpine:v3.18', 'x', '0', { cves: [CVE] })]);
    expect(match(sbomOf([installed('apk', 'x', '1.0-r0')], 'Alpine:v3.18'), db).findings).toEqual([]);
  });

  it('asks AlmaLinux by binary package, SUSE by source too, with the epoch of the binary', () => {
    const pkg = installed('rpm', 'openssl-libs', '1:1.1.1-2.el8', { source: { name: 'openssl', version: '1.1.1-2.el8' } });
    const of = (os: string, name: string, fixed: string) =>
      match(sbomOf([pkg], os), memoryDatabase([advisory('X-1', os, name, fixed, { cves: [CVE] })])).findings.length;
    expect(of('AlmaLinux:8', 'openssl-libs', '1:1.1.1-3.el8')).toBe(1);
    expect(of('AlmaLinux:8', 'openssl', '1:1.1.1-3.el8')).toBe(0);
    expect(of('SUSE:Linux Enterprise Server 15 SP5', 'openssl', '1:1.1.1-3.el8')).toBe(1);
    expect(of('SUSE:Linux Enterprise Server 15 SP5', 'openssl', '1:1.1.1-2.el8')).toBe(0);
  });

  it('asks all repositories of a Red Hat release', () => {
    const db = memoryDatabase([advisory('RHSA-2024:1', 'Red Hat:enterprise_linux:9::appstream', 'git', '2-1', { cves: [CVE] })]);
    expect(ids(match(sbomOf([installed('rpm', 'git', '1-1')], 'Red Hat:enterprise_linux:9'), db).findings)).toEqual([`${CVE} git`]);
  });
});

describe('one finding per flaw', () => {
  const sbom = sbomOf([installed('deb', 'linux', '5')], 'Debian:11');
  const vendor = (cve: string, fixed: string | undefined, more = {}) => advisory(`DEBIAN-${cve}`, 'Debian:11', 'linux', fixed, { cves: [cve], ...more });
  const bulletin = (fixed: string, cves: string[]) => advisory('DSA-1-1', 'Debian:11', 'linux', fixed, { cves });

  it('keeps two CVEs apart that one bulletin names', () => {
    const { findings } = match(sbom, memoryDatabase([bulletin('6', [CVE, OTHER])]));
    expect(findings.map(({ id, aliases }) => [id, aliases])).toEqual([[CVE, ['DSA-1-1']], [OTHER, ['DSA-1-1']]]);
  });

  it('lets the vendor’s own record on a CVE decide over the bulletin', () => {
    const { findings } = match(sbom, memoryDatabase([bulletin('7', [CVE, OTHER]), vendor(CVE, '6'), vendor(OTHER, '4')]));
    expect(findings.map(({ id, fixedVersion, aliases }) => [id, fixedVersion, aliases])).toEqual([[CVE, '6', [`DEBIAN-${CVE}`, 'DSA-1-1']]]);
  });

  it('takes not-affected as a verdict, and withdrawn records as none', () => {
    const notAffected = vendor(CVE, undefined, { status: 'not-affected' });
    expect(match(sbom, memoryDatabase([bulletin('7', [CVE]), notAffected])).findings).toEqual([]);
    expect(match(sbom, memoryDatabase([{ ...bulletin('7', [CVE]), withdrawn: '2024-01-01' }])).findings).toEqual([]);
  });

  it('tells the vendor’s status where there is no fix', () => {
    const statusOf = (more: object) => match(sbom, memoryDatabase([vendor(CVE, undefined, more)])).findings[0]?.status;
    expect(statusOf({})).toBe('unfixed');
    expect(statusOf({ status: 'ignored' })).toBe('ignored');
    expect(statusOf({ status: 'end-of-life' })).toBe('end-of-life');
  });

  it('joins CVE, GHSA and GO ids by their aliases, over several records', () => {
    const db = memoryDatabase([
      advisory('GHSA-aaaa', 'Go', 'example.com/m', '1.2.0', { aliases: ['GO-2024-1'] }),
      advisory('GO-2024-1', 'Go', 'example.com/m', '1.3.0', { aliases: ['GHSA-aaaa'], cves: [CVE] }),
      advisory('GO-2024-9', 'Go', 'example.com/m', '1.1.0', { aliases: ['GHSA-bbbb'] }),
    ]);
    const { findings } = match(sbomOf([installed('golang', 'example.com/m', 'v1.0.5')]), db);
    expect(findings.map(({ id, aliases, fixedVersion }) => [id, aliases, fixedVersion])).toEqual([
      [CVE, ['GHSA-aaaa', 'GO-2024-1'], 'v1.3.0'],
      ['GO-2024-9', ['GHSA-bbbb'], 'v1.1.0'],
    ]);
    expect(findings[0]!.evidence).toHaveLength(2);
  });

  it('never joins two CVEs by a GHSA that both claim', () => {
    const db = memoryDatabase([
      advisory('PYSEC-1', 'PyPI', 'p', '2', { cves: [CVE], aliases: ['GHSA-x'] }),
      advisory('PYSEC-2', 'PyPI', 'p', '2', { cves: [OTHER], aliases: ['GHSA-x'] }),
      advisory('GHSA-x', 'PyPI', 'p', '2', {}),
    ]);
    const { findings } = match(sbomOf([installed('pypi', 'p', '1')]), db);
    expect(findings.map(({ id }) => id).sort()).toEqual([CVE, OTHER]);
  });

  it('gives the same findings whatever the order of records', () => {
    const records = [bulletin('7', [CVE, OTHER]), vendor(CVE, '6'), advisory('DLA-2-1', 'Debian:11', 'linux', '8', { cves: [OTHER] })];
    const all = [records, [...records].reverse()].map((list) => match(sbom, memoryDatabase(list)).findings.sort((a, b) => (a.id < b.id ? -1 : 1)));
    expect(all[0]).toEqual(all[1]);
  });
});

describe('language packages', () => {
  it('knows each type’s ecosystem and spelling', () => {
    const cases = [
      ['npm', '@s/n', 'npm', '@s/n'],
      ['pypi', 'My_Pkg.X', 'PyPI', 'my-pkg-x'],
      ['gem', 'rack', 'RubyGems', 'rack'],
      ['maven', 'g:a', 'Maven', 'g:a'],
      ['golang', 'stdlib', 'Go', 'stdlib'],
      ['cargo', 'time', 'crates.io', 'time'],
      ['composer', 'Vendor/Lib', 'Packagist', 'vendor/lib'],
      ['nuget', 'Newtonsoft.Json', 'NuGet', 'newtonsoft.json'],
      ['bitnami', 'nginx', 'Bitnami', 'nginx'],
      ['generic', 'nginx', 'Bitnami', 'nginx'],
    ] as const;
    for (const [type, name, ecosystem, asked] of cases) {
      const db = memoryDatabase([advisory('X-1', ecosystem, asked, '2.0', { cves: [CVE] })]);
      expect(ids(match(sbomOf([installed(type, name, '1.0')]), db).findings)).toEqual([`${CVE} ${name}`]);
    }
  });

  const pypi = advisory('PYSEC-1', 'PyPI', 'jinja2', '9', { cves: [CVE] });
  const owned = installed('pypi', 'jinja2', '3.0', { ownedBy: 'python3-jinja2' });

  it('leaves what the distribution installed to the distribution, where its advisories are at hand', () => {
    const covered = memoryDatabase([pypi, advisory('DSA-1', 'Debian:12', 'other', '1')]);
    expect(match(sbomOf([owned], 'Debian:12'), covered)).toEqual({ findings: [], coverage: [], judged: 1 });
    expect(match(sbomOf([owned], 'Debian:12'), memoryDatabase([pypi])).findings).toHaveLength(1);
    expect(match(sbomOf([{ ...owned, ownedBy: undefined } as never], 'Debian:12'), covered).findings).toHaveLength(1);
  });

  it('judges what a vendor’s own package brought by the language’s advisories', () => {
    const db = memoryDatabase([pypi, advisory('DSA-1', 'Debian:12', 'jinja2', '1')]);
    const ownedBy = (vendor: string, version = '3.0-1', source = 'jinja2') =>
      match(sbomOf([owned, installed('deb', 'python3-jinja2', version, { vendor, source: { name: source, version } })], 'Debian:12'), db).findings.length;
    expect(ownedBy('Debian Python Team <team+python@tracker.debian.org>')).toBe(0);
    // A maintainer with an address of their own, of a package that the distribution's advisories know.
    expect(ownedBy('A. Person <a@example.org>')).toBe(0);
    expect(ownedBy('Acme <packages@acme.example>', '3.0-1', 'acme-suite')).toBe(1);
    expect(ownedBy('NodeSource <support@example.org>', '3.0-1nodesource1')).toBe(1);
  });

  it('reports unmaintained packages at the lowest severity', () => {
    const db = memoryDatabase([advisory('RUSTSEC-1', 'crates.io', 'old', undefined, { informational: 'unmaintained' })]);
    expect(match(sbomOf([installed('cargo', 'old', '1.0.0')]), db).findings).toMatchObject([
      { id: 'RUSTSEC-1', severity: 1, severityReason: 'informational: unmaintained', status: 'unfixed' },
    ]);
  });
});

describe('RPM errata', () => {
  const build = (id: string, fixed: string, more = {}) => advisory(id, 'AlmaLinux:8', 'nodejs', fixed, { cves: [CVE], ...more });
  const found = (advisories: ReturnType<typeof build>[], version: string, modularity?: string) =>
    match(sbomOf([installed('rpm', 'nodejs', version, modularity ? { modularity } : {})], 'AlmaLinux:8'), memoryDatabase(advisories)).findings[0]?.fixedVersion;
  const MODULE = '.module_el8.5.0+1+aaaaaaaa';

  it('leaves out errata that fix no flaw', () => {
    expect(found([build('ALBA-2024:1', '9-1', { cves: [] }), build('ALEA-2024:1', '9-1', { cves: [] })], '1-1')).toBeUndefined();
    expect(found([build('ALBA-2024:1', '9-1')], '1-1')).toBe('9-1');
  });

  it('judges modular builds by modular ones of the same stream only', () => {
    const fourteen = build('ALSA-1', `14.2-1${MODULE}`, { module: 'nodejs:14' });
    const sixteen = build('ALSA-2', `16.2-1${MODULE}`, { module: 'nodejs:16' });
    const plain = build('ALSA-3', '18.0-1.el8');
    const all = [fourteen, sixteen, plain];
    expect(found(all, `14.1-1${MODULE}`, 'nodejs:14:1:x')).toBe(`14.2-1${MODULE}`);
    expect(found(all, `14.2-1${MODULE}`, 'nodejs:14:1:x')).toBeUndefined();
    // Without the label the stream's number must fit the version.
    expect(found(all, `14.1-1${MODULE}`)).toBe(`14.2-1${MODULE}`);
    expect(found(all, `16.2-1${MODULE}`)).toBeUndefined();
    expect(found(all, '17.0-1.el8')).toBe('18.0-1.el8');
    expect(found([fourteen, sixteen], '10.0-1.el8')).toBeUndefined();
  });

  it('takes any one fixed build of the stream as fixed', () => {
    const builds = ['8.5.0+119', '8.4.0+96', '8.3.0+44'].map((of) => build('ALSA-1', `1.15-2.module_el${of}+aa`, { module: 'tools:rhel8' }));
    expect(found(builds, '1.15-2.module_el8.3.0+44+aa', 'tools:rhel8:1:x')).toBeUndefined();
    expect(found(builds, '1.14-2.module_el8.5.0+119+aa', 'tools:rhel8:1:x')).toBe('1.15-2.module_el8.3.0+44+aa');
  });

  it('compares with the builds that have most of the upstream version in common', () => {
    const builds = [build('ALSA-1', `3.0.1-6${MODULE}`), build('ALSA-1', `4.0.2-1${MODULE}`)];
    expect(found(builds, `4.0.1-1${MODULE}`)).toBe(`4.0.2-1${MODULE}`);
    expect(found(builds, `3.0.1-6${MODULE}`)).toBeUndefined();
  });
});

describe('coverage', () => {
  const npm = advisory('GHSA-1', 'npm', 'x', '2');
  const coverage = (packages: Parameters<typeof sbomOf>[0], os?: string) => match(sbomOf(packages, os), memoryDatabase([npm])).coverage;

  it('counts what nobody could judge, by reason', () => {
    expect(coverage([installed('deb', 'a', '1'), installed('deb', 'b', '1'), installed('pypi', 'c', '1'), installed('npm', 'd', '1')])).toEqual([
      { reason: 'the image does not say which operating system it is', packages: 2 },
      { reason: 'the database has no advisories for PyPI', ecosystem: 'PyPI', packages: 1 },
    ]);
    expect(coverage([installed('npm', 'd', 'unknown'), installed('npm', 'e', '')])).toEqual([
      { reason: 'the version is not known', ecosystem: 'npm', packages: 2 },
    ]);
  });

  it('says that no feed knows an operating system or a program', () => {
    const sbom = sbomOf([installed('rpm', 'a', '1'), installed('generic', 'dart', '3.0.0')], 'unused');
    delete sbom.os!.ecosystem;
    const db = memoryDatabase([advisory('BIT-1', 'Bitnami', 'nginx', '2')]);
    expect(match(sbom, db).coverage).toEqual([
      { reason: 'no feed knows these programs', ecosystem: 'Bitnami', packages: 1 },
      { reason: 'no feed knows unused', packages: 1 },
    ]);
  });

  it('says when the newest advisory at hand is old, for the packages that feed judged', () => {
    const sbom = sbomOf([installed('npm', 'x', '3'), installed('npm', 'y', '1'), installed('npm', 'z', 'unknown')], 'unused');
    const db = memoryDatabase([npm]);
    db.info.feeds.push({ name: 'osv/npm', records: 1, asOf: '2026-01-01T00:00:00Z' });
    const reasons = (now: string) => match(sbom, db, { now: new Date(now) }).coverage.filter(({ reason }) => /newest/.test(reason));
    expect(reasons('2026-03-31T00:00:00Z')).toEqual([]);
    expect(reasons('2026-04-02T00:00:00Z')).toEqual([
      { reason: expect.stringContaining('the newest advisory at hand is of 2026-01-01') as string, ecosystem: 'npm', packages: 2 },
    ]);
  });

  it('says that a release without support gets no new advisories', () => {
    const sbom = sbomOf([installed('deb', 'a', '1'), installed('npm', 'x', '3')], 'Debian:9');
    sbom.os!.endOfSupport = '2020-07-18';
    sbom.os!.endOfExtendedSupport = '2022-06-30';
    const db = memoryDatabase([npm, advisory('DSA-1', 'Debian:9', 'b', '1')]);
    const reasons = (now: string) => match(sbom, db, { now: new Date(now) }).coverage.map(({ reason, packages }) => [reason, packages]);
    expect(reasons('2022-06-30T12:00:00Z')).toEqual([]);
    expect(reasons('2022-07-01T12:00:00Z')).toEqual([['Debian:9 has had no support since 2022-06-30: flaws found later are not reported', 1]]);
  });
});

describe('what a finding carries', () => {
  it('takes facts of the CVE, own ids, bounded and distinct links', () => {
    const links = Array.from({ length: 40 }, (_, i) => ({ type: 'WEB', url: `https://example.com/${i % 30}` }));
    const db = memoryDatabase(
      [advisory('GHSA-1', 'npm', 'x', '2.0.0', { cves: [CVE], cwes: ['CWE-20'], links, modified: '2024-05-05', published: '2024-02-02' })],
      [
        {
          id: CVE,
          scores: [{ version: '3.1', vector: 'v', score: 5, source: 'nvd' }],
          cwes: ['CWE-79', 'CWE-20'],
          published: '2024-01-01',
          kev: { dateAdded: '2024-03-03', ransomware: false },
          epss: { score: 0.1, percentile: 0.9 },
        },
      ],
    );
    const [finding] = match(sbomOf([installed('npm', 'x', '1.0.0')]), db, { ids: parseIdMap(`QID,CVE\n12,${CVE}\n7,${CVE}`) }).findings;
    expect(finding).toMatchObject({
      id: CVE,
      qids: ['7', '12'],
      severity: 5,
      severityReason: 'CVSS 5.0 (nvd), in KEV since 2024-03-03',
      cvss: { score: 5 },
      cwes: ['CWE-20', 'CWE-79'],
      published: '2024-01-01',
      modified: '2024-05-05',
      kev: { dateAdded: '2024-03-03' },
      epss: { score: 0.1 },
    });
    const urls = finding!.links.map(({ url }) => url);
    expect(urls.slice(0, 2)).toEqual([`https://www.cve.org/CVERecord?id=${CVE}`, 'https://github.com/advisories/GHSA-1']);
    expect(urls).toHaveLength(16);
    expect(new Set(urls).size).toBe(16);
  });

  it('withstands names that objects are born with', () => {
    const db = memoryDatabase([advisory('GHSA-1', 'npm', '__proto__', '2', { aliases: ['constructor', '__proto__'] })]);
    const { findings } = match(sbomOf([installed('npm', '__proto__', '1'), installed('npm', 'constructor', '1')]), db);
    expect(findings).toMatchObject([{ id: 'GHSA-1', aliases: ['__proto__', 'constructor'] }]);
  });
});
