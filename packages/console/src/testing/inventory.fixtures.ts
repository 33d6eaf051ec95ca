import type { ContainerRow, EntityName, EventRow, HostRow, ImageRow, PackageRow, RegistryRow, RowOf, SeverityCounts, VulnerabilityRow } from '@plimsoll/model/api';

/** A made-up fleet: the same row for the same number, however many there are. */

const NOW = Date.now();

function pick<T>(items: readonly T[], index: number): T {
  return items[((index % items.length) + items.length) % items.length]!;
}
/** A number below `below` that looks random and is not. */
function noise(index: number, salt: number, below: number): number {
  let x = Math.imul(index + 1, 2654435761) ^ Math.imul(salt + 1, 40503);
  x = Math.imul(x ^ (x >>> 15), 2246822519);
  return ((x ^ (x >>> 13)) >>> 0) % below;
}
function ago(minutes: number): string {
  return new Date(NOW - minutes * 60_000).toISOString();
}
export function hex(index: number, length: number): string {
  let text = '';
  for (let part = 0; text.length < length; part++) text += noise(index, part + 7, 2 ** 31).toString(16).padStart(8, '0');
  return text.slice(0, length);
}
export function uuidOf(index: number): string {
  const h = hex(index, 32);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
export function counts(index: number, scale = 1): SeverityCounts {
  const some = (salt: number, below: number) => Math.floor(noise(index, salt, below) * scale);
  const byLevel = { 5: some(1, 10) > 6 ? some(2, 9) : 0, 4: some(3, 34), 3: some(4, 120), 2: some(5, 210), 1: some(6, 60) };
  return { ...byLevel, fixable: byLevel[5] + byLevel[4], kev: byLevel[5] > 0 ? 1 : 0 };
}

const NAMES = ['nginx:1.27', 'redis:7.4-alpine', 'postgres:16.4', 'shop/checkout:2.14.0', 'shop/catalogue:2.14.0', 'platform/auth-proxy:v5.1.2', 'grafana/grafana:11.2.0', 'node:20.17-bookworm-slim', 'payments/ledger:2026.11.3', 'prom/prometheus:v2.54.1', 'kube-state-metrics/kube-state-metrics:v2.13.0', 'traefik:v3.1', 'data/etl-runner:nightly', 'mysql:8.0.39', 'ml/feature-store:1.8.0-rc2'];
const REGISTRIES = ['docker.io', 'ghcr.io', 'registry.example.com', 'quay.io', 'registry.k8s.io'];
const HOSTS = ['prod-web-01', 'prod-web-02', 'prod-db-01', 'staging-01', 'ci-runner-07', 'edge-fra-3', 'build-box', 'ml-gpu-02'];
const SYSTEMS = ['Debian GNU/Linux 12 (bookworm)', 'Ubuntu 24.04.1 LTS', 'Red Hat Enterprise Linux 9.4', 'Amazon Linux 2023'];
const TAGS = ['production', 'pci', 'team-payments', 'staging', 'internet-facing'];
const tagsOf = (index: number) => TAGS.filter((_, at) => noise(index, 90 + at, 4) === 0);
const seen = (index: number) => ({ firstSeen: ago(6000 + noise(index, 30, 90_000)), lastSeen: ago(noise(index, 31, 50)) });
const hostName = (index: number) => (index < HOSTS.length ? HOSTS[index]! : `node-${String(index).padStart(3, '0')}.eu-central`);
const imageName = (index: number) => (index < NAMES.length ? NAMES[index]! : `${pick(NAMES, index).replace(/:.*/, '')}:${noise(index, 3, 9)}.${noise(index, 4, 30)}.${noise(index, 5, 12)}`);

function host(index: number): HostRow {
  const scanned = noise(index, 41, 6) !== 0;
  return {
    id: uuidOf(index), name: hostName(index), os: pick(SYSTEMS, noise(index, 8, 9)), kernel: `6.${noise(index, 9, 9)}.0-${noise(index, 10, 40)}-amd64`, architecture: index % 5 === 4 ? 'arm64' : 'amd64',
    cpus: 2 ** (1 + noise(index, 11, 5)), memory: 2 ** (32 + noise(index, 12, 5)), addresses: [`10.${noise(index, 13, 4)}.${noise(index, 14, 250)}.${noise(index, 15, 250)}`],
    provider: pick(['AWS', 'AWS', 'Azure', 'GCP', null], index), region: pick(['eu-central-1', 'us-east-1', 'westeurope', 'europe-west3', null], index),
    engine: index % 4 === 3 ? 'containerd' : 'docker', engineVersion: index % 4 === 3 ? '1.7.22' : '27.3.1', isDockerHost: index % 4 !== 3,
    sensor: pick(['live', 'live', 'live', 'live', 'away', 'live', 'none'] as const, index), sensorSeen: ago(noise(index, 16, 30)),
    containers: noise(index, 17, 120), running: noise(index, 17, 120) >> 1, images: noise(index, 18, 60), vulnerabilities: scanned ? counts(index, 0.4) : null, scanState: scanned ? 'scanned' : 'not-scanned', tags: tagsOf(index), ...seen(index),
  };
}

function image(index: number): ImageRow {
  const state = pick(['scanned', 'scanned', 'scanned', 'incomplete', 'scanned', 'not-scanned', 'scanned', 'analysing', 'scanned', 'failed', 'scanned'] as const, noise(index, 42, 22));
  const judged = state === 'scanned' || state === 'incomplete';
  const [repository = '', tag = null] = imageName(index).split(':');
  const containers = noise(index, 19, 5) === 0 ? 0 : 1 + noise(index, 20, 14);
  return {
    id: `sha256:${hex(index, 64)}`, name: imageName(index), references: [{ registry: pick(REGISTRIES, noise(index, 21, 11)), repository, tag, digest: `sha256:${hex(index + 9, 64)}` }],
    os: 'linux', architecture: 'amd64', created: ago(noise(index, 22, 400_000)), size: 8_000_000 + noise(index, 23, 1_400_000_000), packages: judged ? 20 + noise(index, 24, 600) : null,
    containers, running: Math.ceil(containers / 2), hosts: 1 + noise(index, 25, 6), containerHosts: containers === 0 ? 0 : 1 + noise(index, 26, Math.min(containers, 4)),
    vulnerabilities: judged ? counts(index) : null, scanState: state, reason: state === 'failed' ? 'The engine closed the connection while the image was read. It is tried again.' : state === 'incomplete' ? 'Debian 13 has no advisories in the feeds.' : null,
    lastScanned: judged ? ago(noise(index, 27, 9000)) : null, tags: tagsOf(index), ...seen(index),
  };
}

function container(index: number): ContainerRow {
  const of = image(noise(index, 50, 60));
  const at = noise(index, 51, 12);
  const state = pick(['running', 'running', 'running', 'exited', 'running', 'paused', 'running', 'restarting', 'created', 'dead'] as const, noise(index, 52, 20));
  return {
    id: hex(index + 4000, 64), name: `${(of.references[0]?.repository ?? 'app').replaceAll('/', '-')}-${noise(index, 53, 40)}`, state, status: state === 'exited' ? 'Exited (137) 3 hours ago' : 'Up 5 days (healthy)',
    imageId: of.id, image: `${of.references[0]?.registry ?? ''}/${of.name}`, hostId: uuidOf(at), host: hostName(at), created: ago(noise(index, 54, 60_000)), started: state === 'created' ? null : ago(noise(index, 55, 20_000)),
    ports: noise(index, 56, 3) === 0 ? ['0.0.0.0:8080->80/tcp'] : [], user: pick(['1000', null, 'nginx', 'root', '65532:65532'], noise(index, 57, 10)), privileged: noise(index, 58, 14) === 0, restarts: noise(index, 59, 7) === 0 ? noise(index, 60, 40) : 0,
    namespace: index % 3 === 0 ? 'shop' : null, pod: index % 3 === 0 ? `checkout-7d9f8b6c5-${hex(index, 5)}` : null, vulnerabilities: of.vulnerabilities, scanState: of.scanState, tags: tagsOf(index), ...seen(index),
  };
}

function registry(index: number): RegistryRow {
  const images = 12 + noise(index, 61, 900);
  return { id: pick(REGISTRIES, index), name: pick(REGISTRIES, index), repositories: 3 + noise(index, 62, 90), images, scanned: index === 0 ? images : images - noise(index, 63, 10), running: images >> 1, vulnerabilities: index === 4 ? null : counts(index, 40), ...seen(index) };
}

const PACKAGES = ['openssl', 'libssl3', 'curl', 'zlib1g', 'log4j-core', 'busybox', 'glibc', 'express', 'requests', 'golang.org/x/net', 'spring-core', 'libxml2'];
const TYPES = ['deb', 'deb', 'deb', 'deb', 'maven', 'apk', 'rpm', 'npm', 'pypi', 'golang', 'maven', 'deb'];
function pkg(index: number): PackageRow {
  const name = pick(PACKAGES, index);
  const version = `${1 + noise(index, 64, 4)}.${noise(index, 65, 20)}.${noise(index, 66, 15)}${TYPES[index % 12] === 'deb' ? '-1+deb12u2' : ''}`;
  return { id: index + 1, name, version, type: pick(TYPES, index), purl: `pkg:${pick(TYPES, index)}/${name}@${version}`, source: name === 'libssl3' ? 'openssl' : null, images: noise(index, 67, 900), hosts: noise(index, 68, 30), vulnerabilities: counts(index, 0.1) };
}

function vulnerability(index: number): VulnerabilityRow {
  const severity = pick([5, 4, 4, 3, 3, 3, 2, 2, 1] as const, noise(index, 69, 18));
  const kev = severity === 5 && noise(index, 70, 2) === 0;
  return {
    id: index === 0 ? 'CVE-2021-44228' : `CVE-${2019 + noise(index, 71, 8)}-${10_000 + noise(index, 72, 48_000)}`, aliases: [`GHSA-${hex(index, 4)}-${hex(index + 1, 4)}-${hex(index + 2, 4)}`], severity: index === 0 ? 5 : severity,
    cvss: index % 9 === 8 ? null : Math.min(10, severity * 2 - noise(index, 73, 10) / 10), epss: noise(index, 74, 1000) / (severity === 5 ? 1000 : 40_000), epssPercentile: noise(index, 75, 100) / 100,
    kev: index === 0 || kev ? '2021-12-10' : null, ransomware: index === 0, packages: [pick(PACKAGES, noise(index, 76, 40)), ...(index % 4 === 0 ? [pick(PACKAGES, noise(index, 77, 40))] : [])].filter((name, at, all) => all.indexOf(name) === at),
    fixable: noise(index, 78, 4) !== 0, images: noise(index, 79, 400), containers: noise(index, 80, 900), hosts: noise(index, 81, 20), published: ago(10_000 + noise(index, 82, 2_000_000)), ...seen(index),
  };
}

const KINDS = [['container-started', 1], ['container-died', 3], ['image-pulled', 1], ['container-oom', 4], ['sensor-away', 3], ['container-health', 2]] as const;
function event(index: number): EventRow {
  const [kind, severity] = pick(KINDS, noise(index, 83, 12));
  const of = container(index % 500);
  const messages: Record<string, string> = {
    'container-started': `${of.name} was started`, 'container-died': `${of.name} ended with exit code 137`, 'image-pulled': `${of.image} was pulled`,
    'container-oom': `${of.name} was killed: it used more memory than it may`, 'sensor-away': `The sensor on ${of.host} has not been heard of for 3 minutes`, 'container-health': `${of.name} is unhealthy`,
  };
  const isContainer = kind.startsWith('container');
  return {
    id: String(900_000 - index), time: ago(index * 0.7), kind, severity, message: messages[kind] ?? kind, hostId: of.hostId, host: of.host, containerId: isContainer ? of.id : null, container: isContainer ? of.name : null,
    imageId: kind === 'sensor-away' ? null : of.imageId, image: kind === 'sensor-away' ? null : of.image, detail: {},
  };
}

export const ROW: { [E in EntityName]: (index: number) => RowOf[E] } = { hosts: host, images: image, containers: container, registries: registry, packages: pkg, vulnerabilities: vulnerability, events: event };
export const TOTALS: Record<EntityName, number> = { hosts: 212, images: 5012, containers: 50_340, registries: 5, packages: 18_204, vulnerabilities: 9_411, events: 100_000 };
