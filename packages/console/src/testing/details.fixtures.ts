import type { ContainerDetail, CoverageView, FindingView, HostDetail, ImageDetail, SbomView, SeverityCounts, VulnerabilityDetail } from '@plimsoll/model/api';
import { counts, hex, ROW, TOTALS, uuidOf } from './inventory.fixtures.ts';

/** The pages of single things in the made-up fleet. */

const NOW = Date.now();
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const day = (days: number) => new Date(NOW - days * 86_400_000).toISOString().slice(0, 10);
const none = (): SeverityCounts => ({ 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, fixable: 0, kev: 0 });

const COMMANDS = [
  ['/bin/sh -c #(nop) ADD file:6cf3c3f5d0a0f1a52ff8e3b58c5ec2b5f6d8c7a1 in / ', 78_000_000],
  ['RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends ca-certificates curl libssl3 zlib1g && rm -rf /var/lib/apt/lists/* # buildkit', 42_600_000],
  ['ENV NODE_VERSION=20.17.0', 0],
  ['COPY package.json package-lock.json ./ # buildkit', 310_000],
  ['RUN /bin/sh -c npm ci --omit=dev # buildkit', 128_000_000],
  ['COPY . . # buildkit', 4_200_000],
  ['CMD ["node" "server.js"]', 0],
] as const;
const BASE_LAYERS = 3;

const LIBRARIES = [
  ['openssl', 'libssl3', 'deb', '3.0.11-1~deb12u2', '3.0.15-1~deb12u1', 0, 'usr/lib/x86_64-linux-gnu/libssl.so.3'],
  ['curl', 'curl', 'deb', '7.88.1-10+deb12u5', '7.88.1-10+deb12u8', 1, 'usr/bin/curl'],
  ['zlib', 'zlib1g', 'deb', '1:1.2.13.dfsg-1', null, 0, 'usr/lib/x86_64-linux-gnu/libz.so.1'],
  ['glibc', 'libc6', 'deb', '2.36-9+deb12u4', '2.36-9+deb12u8', 0, 'usr/lib/x86_64-linux-gnu/libc.so.6'],
  ['express', 'express', 'npm', '4.18.2', '4.20.0', 4, 'app/node_modules/express/package.json'],
  ['ip', 'ip', 'npm', '2.0.0', null, 4, 'app/node_modules/ip/package.json'],
  ['log4j-core', 'org.apache.logging.log4j:log4j-core', 'maven', '2.14.1', '2.17.1', 5, 'app/lib/ledger.jar'],
  ['tar', 'tar', 'npm', '6.1.13', '6.2.1', 4, 'usr/local/lib/node_modules/npm/node_modules/tar/package.json'],
] as const;

function findings(seed: number, layered: boolean): FindingView[] {
  return Array.from({ length: layered ? 240 : 60 }, (_, index) => {
    const of = ROW.vulnerabilities(seed * 31 + index);
    const [, name, type, version, fixed, layer, path] = LIBRARIES[(index * 5 + seed) % (layered ? LIBRARIES.length : 4)]!;
    return {
      id: of.id, aliases: of.aliases, severity: of.severity, severityReason: of.kev === null ? `CVSS ${of.cvss ?? 'not known'} (NVD), EPSS below 10%` : `CVSS ${of.cvss ?? '?'} (NVD), in KEV since ${of.kev}`,
      cvss: of.cvss === null ? null : Number(of.cvss.toFixed(1)), epss: of.epss, kev: of.kev, package: name, version, type, purl: `pkg:${type}/${name.replace(':', '/')}@${encodeURIComponent(version)}`, paths: [path], fixedVersion: index % 11 === 3 ? null : fixed,
      status: fixed === null || index % 11 === 3 ? (index % 2 === 0 ? 'unfixed' : 'ignored') : 'fixed',
      advisories: [{ id: type === 'deb' ? `DSA-${5500 + index}-1` : (of.aliases[0] ?? of.id), url: 'https://security-tracker.debian.org/tracker/', range: fixed === null ? `>= 0` : `< ${fixed}` }],
      layer: layered ? layer : 0, fromBase: layered ? layer < BASE_LAYERS : null,
      links: [{ type: 'advisory', url: `https://nvd.nist.gov/vuln/detail/${of.id}` }, { type: 'web', url: 'javascript:alert(1)' }, { type: 'fix', url: 'https://github.com/example/project/commit/0c2f1e' }],
      firstSeen: ago(3000 + index * 900),
    };
  });
}

function countOf(list: readonly FindingView[]): SeverityCounts {
  const sum = none();
  for (const finding of list) {
    sum[finding.severity as 1 | 2 | 3 | 4 | 5]++;
    if (finding.fixedVersion !== null) sum.fixable++;
    if (finding.kev !== null) sum.kev++;
  }
  return sum;
}

function sbom(seed: number, layered: boolean): SbomView {
  const found = findings(seed, layered);
  const libraries = layered ? LIBRARIES : LIBRARIES.slice(0, 4);
  return {
    findings: found,
    packages: [
      ...libraries.map(([source, name, type, version, , layer, path]) => ({ name, version, type, purl: `pkg:${type}/${name.replace(':', '/')}@${version}`, source: type === 'deb' ? source : null, licenses: type === 'deb' ? ['OpenSSL', 'Apache-2.0'] : ['MIT'], paths: [path], layer, vulnerabilities: countOf(found.filter((finding) => finding.package === name)) })),
      ...Array.from({ length: 220 }, (_, index) => ({ name: `lib${hex(index, 6)}`, version: `1.${index % 9}.${index % 13}`, type: index % 3 === 0 ? 'npm' : 'deb', purl: `pkg:npm/lib${hex(index, 6)}@1.${index}`, source: null, licenses: index % 4 === 0 ? [] : ['MIT'], paths: [`app/node_modules/lib${hex(index, 6)}/package.json`], layer: index % 3 === 0 ? 4 : 1, vulnerabilities: none() })),
    ],
    layers: layered ? COMMANDS.map(([createdBy, size], index) => ({ index, diffId: `sha256:${hex(index + 600, 64)}`, digest: `sha256:${hex(index + 700, 64)}`, size, createdBy, fromBase: index < BASE_LAYERS, packages: [88, 12, 0, 0, 190, 3, 0][index] ?? 0, vulnerabilities: countOf(found.filter((finding) => finding.layer === index)) })) : [],
    upgrades: libraries.filter(([, , , , fixed]) => fixed !== null).map(([source, name, type, version, fixed, layer]) => {
      const removed = found.filter((finding) => finding.package === name && finding.fixedVersion !== null);
      return { name: type === 'deb' ? source : name, type, from: [version], to: fixed ?? '', removes: countOf(removed), findings: removed.map((finding) => finding.id), layer, fromBase: layered ? layer < BASE_LAYERS : null };
    }).toSorted((a, b) => b.findings.length - a.findings.length),
    posture: layered ? [
      { rule: 'no-user', title: 'It runs as root', severity: 3, subject: null, advice: 'Set a numeric user in the Dockerfile: USER 65532.' },
      { rule: 'piped-download', title: 'A download is run without being checked', severity: 4, subject: 'RUN curl -fsSL https://get.example.com | sh', advice: 'Download it, compare its digest, then run it.' },
      { rule: 'no-healthcheck', title: 'No health check is set', severity: 1, subject: null, advice: 'Add a HEALTHCHECK, so that the engine sees when it no longer works.' },
    ] : [],
    secrets: layered ? [{ rule: 'aws-access-key', title: 'AWS access key', severity: 5, path: 'app/.env', line: 3, masked: 'AKIA************WXYZ', layer: 5 }] : [],
    base: layered ? { reference: 'docker.io/library/node:20.17-bookworm-slim', digest: `sha256:${hex(800, 64)}`, foundBy: 'layers', layers: BASE_LAYERS } : null,
    endOfSupport: layered ? day(-160) : day(210),
  };
}

function coverage(state: string, packages: number | null): CoverageView {
  return {
    state, packages, judged: packages === null ? null : packages - 12,
    gaps: packages === null ? [] : [{ reason: 'No feed has advisories for Go modules built from a local folder.', packages: 12, ecosystem: 'Go' }],
    warnings: state === 'incomplete' ? [{ code: 'layer-unreadable', message: 'Layer 4 could not be read to its end.', incomplete: true }] : [],
    feeds: [{ name: 'debian', records: 48_120, asOf: day(1) }, { name: 'osv', records: 412_000, asOf: day(12) }, { name: 'kev', records: 1402, asOf: null }],
    matchedAt: packages === null ? null : ago(95),
  };
}

function indexOfImage(id: string): number {
  for (let index = 0; index < 400; index++) if (ROW.images(index).id === id) return index;
  return -1;
}
function indexOfHost(id: string): number {
  for (let index = 0; index < TOTALS.hosts; index++) if (uuidOf(index) === id) return index;
  return -1;
}

export function imageDetail(id: string): ImageDetail | null {
  const index = indexOfImage(id);
  if (index < 0) return null;
  const image = ROW.images(index);
  const scanned = image.vulnerabilities !== null;
  const containers = Array.from({ length: image.containers }, (_, at) => ({ ...ROW.containers(at + index), imageId: id, image: image.name, vulnerabilities: image.vulnerabilities, scanState: image.scanState }));
  return {
    image: { ...image, os: scanned ? 'Debian GNU/Linux 12 (bookworm)' : null, vulnerabilities: scanned ? countOf(findings(index, true)) : null },
    platform: 'linux/amd64',
    labels: { 'org.opencontainers.image.source': 'https://git.example.com/shop/checkout', 'org.opencontainers.image.revision': hex(index, 40), maintainer: 'shop@example.com' },
    config: { user: null, entrypoint: ['docker-entrypoint.sh'], cmd: ['node', 'server.js'], env: ['PATH', 'NODE_VERSION', 'DATABASE_URL'], ports: ['3000/tcp'], volumes: [], workingDir: '/app' },
    hosts: Array.from({ length: image.hosts }, (_, at) => ({ id: uuidOf(at), name: ROW.hosts(at).name, containers: at < image.containerHosts ? 2 : 0, present: at !== 3, lastSeen: ago(at * 7) })),
    containers,
    coverage: coverage(image.scanState, scanned ? 228 : null),
  };
}
export function imageSbom(id: string): { sbom: SbomView | null } {
  const index = indexOfImage(id);
  return { sbom: index < 0 || ROW.images(index).vulnerabilities === null ? null : sbom(index, true) };
}

export function changes(kind: 'image' | 'host') {
  const named = (from: number, count: number) => Array.from({ length: count }, (_, at) => { const of = ROW.vulnerabilities(from + at); return { id: of.id, package: of.packages[0] ?? 'openssl', severity: of.severity }; });
  const items = [
    { id: '5', time: ago(90), cause: 'new-advisory' as const, reason: 'Advisory DSA-5764-1 names libssl3', appeared: named(3, 2), gone: [], appearedCount: 2, goneCount: 0 },
    { id: '4', time: ago(2900), cause: 'changed-feed' as const, reason: 'The advisories on CVE-2023-5678 no longer name this version of zlib1g', appeared: [], gone: named(9, 1), appearedCount: 0, goneCount: 1 },
    { id: '3', time: ago(9000), cause: 'changed-packages' as const, reason: 'Package libc6 2.36-9+deb12u3 → 2.36-9+deb12u4', appeared: named(20, 1), gone: named(30, 6), appearedCount: 1, goneCount: 6 },
    { id: '2', time: ago(19_000), cause: 'exception' as const, reason: 'Exception "Not reachable: no TLS server" until 1 March 2027, by Ada Palmer', appeared: [], gone: named(40, 3), appearedCount: 0, goneCount: 3 },
    { id: '1', time: ago(50_000), cause: kind === 'image' ? ('new-image' as const) : ('new-host' as const), reason: `First scan of this ${kind}`, appeared: named(50, 200), gone: [], appearedCount: 236, goneCount: 0 },
  ];
  return { items, total: items.length };
}

export function hostDetail(id: string): HostDetail | null {
  const index = indexOfHost(id);
  if (index < 0) return null;
  const host = ROW.hosts(index);
  const containers = Array.from({ length: Math.min(host.containers, 500) }, (_, at) => ({ ...ROW.containers(at + index * 40), hostId: id, host: host.name }));
  return {
    host: { ...host, running: containers.filter((container) => container.state === 'running').length, vulnerabilities: host.vulnerabilities && countOf(findings(index, false)), sensorSeen: host.sensor === 'none' ? null : ago(host.sensor === 'away' ? 134 : 0) },
    facts: { account: host.provider === null ? null : '123456789012', instance: host.provider === null ? null : 'i-0f3a9c1d2e4b5a697', instanceType: 'm6i.2xlarge', lastUser: 'deploy', osVersion: '12', machineId: hex(index, 32), cluster: null, node: null, note: index === 6 ? 'It runs in Docker Desktop on macOS: this is the virtual machine that Docker Desktop keeps, not the Mac itself.' : null, sensorVersion: '0.2.0', bootedAt: ago(60_000) },
    atRisk: counts(index + 2, 3),
    containers,
    coverage: coverage(host.scanState, host.vulnerabilities === null ? null : 412),
  };
}
export function hostSbom(id: string): { sbom: SbomView | null } {
  const index = indexOfHost(id);
  return { sbom: index < 0 || ROW.hosts(index).vulnerabilities === null ? null : sbom(index, false) };
}

export function containerDetail(id: string): ContainerDetail | null {
  for (let index = 0; index < 1000; index++) {
    const container = ROW.containers(index);
    if (container.id !== id) continue;
    const image = container.imageId === null ? null : (imageDetail(container.imageId)?.image ?? null);
    const risky = index % 2 === 0;
    return {
      container: { ...container, vulnerabilities: image?.vulnerabilities ?? null, ports: ['0.0.0.0:8080->80/tcp', '127.0.0.1:9090->9090/tcp'] },
      command: ['node', '--max-old-space-size=512', 'server.js'], labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'checkout', 'app.kubernetes.io/name': 'checkout' },
      mounts: risky ? [{ source: '/var/run/docker.sock', destination: '/var/run/docker.sock', mode: 'rw' }, { source: '/srv/shop/uploads', destination: '/app/uploads', mode: 'rw' }, { source: '/etc/ssl/certs', destination: '/etc/ssl/certs', mode: 'ro' }] : [],
      capabilities: risky ? ['SYS_ADMIN', 'NET_BIND_SERVICE', '-MKNOD'] : [], networkMode: risky ? 'host' : 'bridge', pid: container.state === 'running' ? 41_233 : null, exitCode: container.state === 'running' ? null : 137, finished: container.state === 'running' ? null : ago(200), node: null, image,
    };
  }
  return null;
}

export function vulnerabilityDetail(id: string): VulnerabilityDetail | null {
  for (let index = 0; index < 400; index++) {
    const vulnerability = ROW.vulnerabilities(index);
    if (vulnerability.id !== id) continue;
    return {
      vulnerability,
      scores: [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', score: 10, source: 'nvd' }, { version: '2.0', vector: 'AV:N/AC:M/Au:N/C:C/I:C/A:C', score: 9.3, source: 'nvd' }, { version: '3.1', vector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H', score: 8.1, source: 'Red Hat' }],
      cwes: ['CWE-20', 'CWE-400', 'CWE-502'],
      advisories: [
        { id: 'GHSA-jfh8-c2jp-5v3q', ecosystem: 'Maven', package: 'org.apache.logging.log4j:log4j-core', ranges: '>= 2.13.0, < 2.15.0', fixed: '2.15.0', url: 'https://github.com/advisories/GHSA-jfh8-c2jp-5v3q' },
        { id: 'DSA-5020-1', ecosystem: 'Debian:11', package: 'apache-log4j2', ranges: '< 2.15.0-1~deb11u1', fixed: '2.15.0-1~deb11u1', url: 'https://security-tracker.debian.org/tracker/DSA-5020-1' },
        { id: 'RHSA-2021:5127', ecosystem: 'Red Hat', package: 'log4j', ranges: '< 0:2.14.0-1.el8', fixed: null, url: null },
      ],
      affected: [
        { package: 'org.apache.logging.log4j:log4j-core', version: '2.14.1', type: 'maven', fixedVersion: '2.17.1', images: 12, hosts: 0 },
        { package: 'org.apache.logging.log4j:log4j-core', version: '2.8.2', type: 'maven', fixedVersion: '2.17.1', images: 2, hosts: 0 },
        { package: 'apache-log4j2', version: '2.13.3-1', type: 'deb', fixedVersion: null, images: 0, hosts: 1 },
      ],
      links: [{ type: 'advisory', url: `https://nvd.nist.gov/vuln/detail/${id}` }, { type: 'web', url: 'https://logging.apache.org/log4j/2.x/security.html' }, { type: 'web', url: 'javascript:alert(1)' }],
    };
  }
  return null;
}
