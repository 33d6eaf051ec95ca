import {
  SCAN_REPORT_SCHEMA_VERSION,
  type Finding,
  type Package,
  type ScanReport,
  type Severity,
  type Upgrade,
} from '@plimsoll/model';

const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

function osPackage(name: string, version: string, layer: number, source = name, licenses = ['MIT']): Package {
  return {
    name,
    version,
    type: 'apk',
    purl: `pkg:apk/alpine/${name}@${version}?arch=x86_64&distro=alpine-3.11.0`,
    arch: 'x86_64',
    source: { name: source, version },
    licenses,
    cataloger: 'apk',
    paths: ['lib/apk/db/installed'],
    layer,
  };
}

const PACKAGES: Package[] = [
  osPackage('busybox', '1.31.1-r8', 0, 'busybox', ['GPL-2.0-only']),
  osPackage('libcrypto1.1', '1.1.1c-r0', 0, 'openssl', ['OpenSSL']),
  osPackage('libssl1.1', '1.1.1c-r0', 0, 'openssl', ['OpenSSL']),
  { ...osPackage('musl', '1.1.24-r0', 0), vendor: 'Alpine Linux' },
  osPackage('nginx', '1.16.1-r6', 1, 'nginx', ['BSD-2-Clause']),
  {
    name: '@acme/lodash',
    version: '4.17.10',
    type: 'npm',
    purl: 'pkg:npm/%40acme/lodash@4.17.10',
    licenses: ['MIT OR Apache-2.0'],
    cataloger: 'npm',
    paths: ['srv/app/node_modules/@acme/lodash/package.json'],
    layer: 2,
  },
  {
    name: '@acme/lodash',
    version: '4.17.10',
    type: 'npm',
    purl: 'pkg:npm/%40acme/lodash@4.17.10',
    licenses: ['see LICENSE'],
    cataloger: 'npm',
    paths: ['srv/app/node_modules/other/node_modules/@acme/lodash/package.json'],
    layer: 2,
  },
  {
    name: 'org.apache.logging.log4j:log4j-core',
    version: '2.14.1',
    type: 'maven',
    purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
    licenses: ['Apache-2.0', 'Some words'],
    cataloger: 'java-archive',
    paths: ['srv/app/app.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar'],
    layer: 2,
  },
  {
    name: 'PyYAML',
    version: '5.3',
    type: 'pypi',
    purl: 'pkg:pypi/pyyaml@5.3',
    cataloger: 'python',
    paths: ['usr/lib/python3.8/site-packages/PyYAML-5.3.dist-info/METADATA'],
    layer: 1,
    ownedBy: 'py3-yaml',
  },
  {
    name: 'perl-libs',
    version: '4:5.26.3-416.el8',
    type: 'rpm',
    purl: 'pkg:rpm/almalinux/perl-libs@5.26.3-416.el8?arch=x86_64&distro=almalinux-8.6&epoch=4',
    arch: 'x86_64',
    source: { name: 'perl', version: '4:5.26.3-416.el8' },
    modularity: 'perl:5.26:8060020220505:d63f516d',
    cataloger: 'rpm',
    paths: ['var/lib/rpm/rpmdb.sqlite'],
    layer: 1,
  },
  {
    name: 'node',
    version: '18.12.0',
    type: 'generic',
    purl: 'pkg:generic/node@18.12.0',
    cataloger: 'programs',
    paths: ['usr/local/bin/node'],
    layer: 1,
  },
];

const LAYERS: ScanReport['image']['layers'] = [
  {
    index: 0,
    diffId: digestOf('1'),
    digest: digestOf('a'),
    size: 5_843_968,
    historyStep: 0,
    createdBy: 'ADD file:c2cbb2c3b0b3c0e1d6c1 in /',
    fromBase: true,
  },
  {
    index: 1,
    diffId: digestOf('2'),
    size: 48_120_320,
    historyStep: 1,
    createdBy: 'RUN apk add --no-cache nginx=1.16.1-r6 py3-yaml && rm -rf /var/cache/apk/* && ln -sf /dev/stdout /var/log/nginx/access.log',
    fromBase: false,
  },
  { index: 2, diffId: digestOf('3'), size: 19_210_240, historyStep: 2, createdBy: 'COPY . /srv/app', fromBase: false },
];

interface Flaw {
  id: string;
  severity: Severity;
  of: number;
  fixed?: string;
  score?: number;
  aliases?: string[];
  more?: Partial<Finding>;
}

function finding({ id, severity, of, fixed, score, aliases = [], more = {} }: Flaw): Finding {
  const p = PACKAGES[of]!;
  const layer = LAYERS[p.layer]!;
  const isOs = p.type === 'apk';
  return {
    id,
    aliases,
    severity,
    severityReason: score === undefined ? 'no score known' : `CVSS ${score} (nvd)`,
    ...(score === undefined
      ? {}
      : { cvss: { version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', score, source: 'nvd' } }),
    cwes: ['CWE-79'],
    package: {
      name: p.name,
      version: p.version,
      type: p.type,
      purl: p.purl,
      ...(p.source ? { source: p.source } : {}),
      paths: p.paths,
    },
    ...(fixed === undefined ? {} : { fixedVersion: fixed }),
    status: fixed === undefined ? 'unfixed' : 'fixed',
    evidence: [
      {
        advisory: isOs ? `ALPINE-${id}` : (aliases[0] ?? id),
        ecosystem: isOs ? 'Alpine:v3.11' : p.type,
        package: p.source?.name ?? p.name,
        version: p.source?.version ?? p.version,
        range: fixed === undefined ? '>= 0' : `>= 0, < ${fixed}`,
        ...(fixed === undefined ? {} : { fixedVersion: fixed }),
        url: `https://security.alpinelinux.org/vuln/${id}`,
      },
    ],
    layer: {
      index: p.layer,
      diffId: layer.diffId!,
      createdBy: layer.createdBy!,
      fromBase: layer.fromBase!,
    },
    published: '2019-09-10T17:15:11Z',
    modified: '2020-06-01',
    links: [{ type: 'ADVISORY', url: `https://nvd.nist.gov/vuln/detail/${id}` }],
    ...more,
  };
}

const FINDINGS: Finding[] = [
  finding({
    id: 'CVE-2021-44228',
    severity: 5,
    of: 7,
    fixed: '2.15.0',
    score: 10,
    aliases: ['GHSA-jfh8-c2jp-5v3q'],
    more: {
      severityReason: 'CVSS 10 (nvd), in KEV since 2021-12-10',
      kev: { dateAdded: '2021-12-10', dueDate: '2021-12-24', ransomware: true },
      epss: { score: 0.97462, percentile: 0.9998, date: '2026-08-22' },
      qids: ['376157'],
    },
  }),
  finding({ id: 'CVE-2020-28928', severity: 2, of: 3, score: 5.5 }),
  finding({ id: 'CVE-2019-1549', severity: 3, of: 1, fixed: '1.1.1d-r0', score: 5.3 }),
  finding({ id: 'CVE-2019-1549', severity: 3, of: 2, fixed: '1.1.1d-r0', score: 5.3 }),
  finding({ id: 'CVE-2019-1563', severity: 2, of: 1, fixed: '1.1.1d-r0', score: 3.7 }),
  finding({ id: 'CVE-2019-1563', severity: 2, of: 2, fixed: '1.1.1d-r0', score: 3.7 }),
  finding({ id: 'CVE-2020-1967', severity: 4, of: 1, fixed: '1.1.1g-r0', score: 7.5 }),
  finding({ id: 'CVE-2020-1967', severity: 4, of: 2, fixed: '1.1.1g-r0', score: 7.5 }),
  finding({
    id: 'CVE-2019-10744',
    severity: 4,
    of: 5,
    fixed: '4.17.12',
    score: 9.1,
    aliases: ['GHSA-jf85-cpcp-j695'],
    more: { epss: { score: 0.0321, percentile: 0.87 } },
  }),
  finding({ id: 'CVE-2019-10744', severity: 4, of: 6, fixed: '4.17.12', score: 9.1, aliases: ['GHSA-jf85-cpcp-j695'] }),
  finding({ id: 'CVE-2019-20372', severity: 3, of: 4, fixed: '1.16.1-r7', score: 5.3, more: { vendorSeverity: 'Moderate' } }),
];

function upgrade(name: string, of: number[], to: string, ids: string[]): Upgrade {
  const first = PACKAGES[of[0]!]!;
  const removes: Record<Severity, number> = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
  const names = new Set(of.map((i) => PACKAGES[i]!.name));
  // A flaw counts once, however many packages of the source have it.
  const flaws = new Map(FINDINGS.filter((f) => ids.includes(f.id) && names.has(f.package.name)).map((f) => [f.id, f.severity]));
  for (const severity of flaws.values()) removes[severity] += 1;
  const layer = LAYERS[first.layer]!;
  return {
    name,
    type: first.type,
    packages: of.map((i) => ({ name: PACKAGES[i]!.name, version: PACKAGES[i]!.version, to })),
    to,
    removes,
    findings: ids,
    layer: first.layer,
    fromBase: layer.fromBase!,
  };
}

/** A small web application on Alpine 3.11, with something of everything that a report can hold. */
export function sampleReport(): ScanReport {
  return structuredClone({
    schemaVersion: SCAN_REPORT_SCHEMA_VERSION,
    tool: { name: 'plimsoll' as const, version: '0.1.0' },
    scannedAt: '2026-08-23T10:11:12.345Z',
    image: {
      reference: 'registry.example.com/shop/web:2.4',
      kind: 'registry' as const,
      id: digestOf('e'),
      digest: digestOf('d'),
      tags: ['registry.example.com/shop/web:2.4'],
      repoDigests: [`registry.example.com/shop/web@${digestOf('d')}`],
      platform: { os: 'linux', architecture: 'amd64' },
      created: '2020-02-01T00:00:00Z',
      size: 73_174_528,
      layers: LAYERS,
      history: LAYERS.map((layer) => ({ createdBy: layer.createdBy!, emptyLayer: false })),
      config: { user: 'root', env: ['PATH=/usr/bin'] },
    },
    os: {
      id: 'alpine',
      idLike: [],
      versionId: '3.11.0',
      prettyName: 'Alpine Linux v3.11',
      ecosystem: 'Alpine:v3.11',
      endOfSupport: '2021-11-01',
    },
    packages: PACKAGES,
    findings: FINDINGS,
    upgrades: [
      upgrade('org.apache.logging.log4j:log4j-core', [7], '2.15.0', ['CVE-2021-44228']),
      upgrade('openssl', [1, 2], '1.1.1g-r0', ['CVE-2020-1967', 'CVE-2019-1549', 'CVE-2019-1563']),
      upgrade('@acme/lodash', [5, 6], '4.17.12', ['CVE-2019-10744']),
      upgrade('nginx', [4], '1.16.1-r7', ['CVE-2019-20372']),
    ],
    secrets: [
      {
        rule: 'aws-access-key-id',
        title: 'AWS access key',
        severity: 5,
        path: 'srv/app/.env',
        line: 3,
        masked: 'AKIA****************',
        layer: 2,
      },
    ],
    posture: [
      {
        rule: 'runs-as-root',
        title: 'Runs as root',
        severity: 3,
        subject: 'USER root',
        advice: 'Set USER to an unprivileged user.',
      },
    ],
    base: { reference: 'alpine:3.11', digest: digestOf('b'), foundBy: 'layers' as const, layers: 1 },
    complete: false,
    warnings: [
      {
        code: 'archive-too-deep',
        message: 'archives nested more than 8 deep were not opened',
        layer: 2,
        path: 'srv/app/app.jar',
        incomplete: true,
      },
    ],
    coverage: [{ reason: 'no feed names programs installed without a package manager', packages: 1 }],
    database: {
      built: '2026-08-22T00:00:00Z',
      feeds: [{ name: 'osv/Alpine', records: 2410, asOf: '2020-06-30' }],
    },
  });
}

/** What a scan of an image without any file gives. */
export function emptyReport(): ScanReport {
  const { os: _os, base: _base, ...rest } = sampleReport();
  return {
    ...rest,
    image: { reference: 'scratch.tar', kind: 'docker-archive', tags: [], repoDigests: [], layers: [], history: [] },
    packages: [],
    findings: [],
    upgrades: [],
    secrets: [],
    posture: [],
    complete: true,
    warnings: [],
    coverage: [],
  };
}

/** The sample report as a scan without a database gives it. */
export function unmatchedReport(): ScanReport {
  const { database: _database, ...rest } = sampleReport();
  return { ...rest, findings: [], upgrades: [], coverage: [] };
}

/** Terminal escapes, control characters, bidirectional marks and length, in every place that an image fills. */
export function hostileReport(): ScanReport {
  const report = sampleReport();
  const evil = '\u001b[2J\u001b]0;owned\u0007\u009b31m\r\nfake line\t\u202egnp.exe\u0000';
  report.packages[3]!.name = evil;
  report.packages[3]!.purl = 'pkg:apk/alpine/evil@1';
  report.packages[3]!.version = `1${evil}`;
  report.packages[3]!.licenses = [`${'('.repeat(5000)}MIT`, evil];
  report.packages[4]!.name = 'n'.repeat(5000);
  report.packages[4]!.version = '9'.repeat(5000);
  for (const f of report.findings) {
    if (f.package.name === 'musl') {
      f.package = { ...f.package, name: evil, version: `1${evil}`, purl: 'pkg:apk/alpine/evil@1' };
      f.aliases = [evil];
      f.links = [{ type: 'ADVISORY', url: `javascript:${evil}` }];
      f.evidence[0]!.url = `https://x.example/${evil}`;
    }
    if (f.package.name === 'nginx') f.package = { ...f.package, name: 'n'.repeat(5000), version: '9'.repeat(5000) };
  }
  for (const u of report.upgrades) if (u.name === 'nginx') u.name = `${evil}${'n'.repeat(5000)}`;
  report.image.reference = evil;
  report.image.tags = [evil];
  report.image.layers[1]!.createdBy = evil;
  report.os!.prettyName = evil;
  report.secrets[0]!.path = evil;
  report.posture[0]!.subject = evil;
  report.warnings[0]!.message = evil;
  report.coverage[0]!.reason = evil;
  report.base!.reference = evil;
  return report;
}
