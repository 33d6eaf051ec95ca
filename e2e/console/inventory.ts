/** A small company's machines, as their sensors report them: real packages in versions that have known flaws. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Package, PackageType, PostureIssue, Sbom, Secret, Warning } from '@plimsoll/model';
import type { ContainerFacts, MessageBody } from '@plimsoll/model/api';
import { enrolMadeSensor, madeContainer, madeHost, madeImageId, type MadeSensor } from '../support/made-sensor.ts';
import type { Client } from '../support/server.ts';

/** `[name, version]`, and the source package where it is another one. */
type Part = readonly [name: string, version: string, source?: string];

interface LayerOf {
  by: string;
  type: PackageType;
  parts: readonly Part[];
}

interface MadeImage {
  os: keyof typeof SYSTEMS;
  /** Bottom first. How many of them are the base image's. */
  layers: readonly LayerOf[];
  base?: { reference: string; layers: number };
  labels?: Record<string, string>;
  days: number;
  size: number;
  user?: string;
  secrets?: Secret[];
  posture?: PostureIssue[];
  warnings?: Warning[];
  /** Instead of an SBOM. */
  state?: 'not-scanned' | 'failed';
}

const SYSTEMS = {
  alpine: { id: 'alpine', idLike: [], versionId: '3.11.5', prettyName: 'Alpine Linux v3.11', ecosystem: 'Alpine:v3.11', endOfSupport: '2021-11-01' },
  debian12: { id: 'debian', idLike: [], versionId: '12', codename: 'bookworm', prettyName: 'Debian GNU/Linux 12 (bookworm)', ecosystem: 'Debian:12' },
  debian10: { id: 'debian', idLike: [], versionId: '10', codename: 'buster', prettyName: 'Debian GNU/Linux 10 (buster)', ecosystem: 'Debian:10', endOfSupport: '2022-09-10', endOfExtendedSupport: '2024-06-30' },
} as const;

const ALPINE_BASE: LayerOf = {
  by: 'ADD alpine-minirootfs-3.11.5-x86_64.tar.gz /', type: 'apk',
  parts: [['musl', '1.1.24-r2'], ['busybox', '1.31.1-r9'], ['ssl_client', '1.31.1-r9', 'busybox'], ['alpine-baselayout', '3.2.0-r3'], ['apk-tools', '2.10.4-r3'], ['libcrypto1.1', '1.1.1d-r0', 'openssl'], ['libssl1.1', '1.1.1d-r0', 'openssl'], ['zlib', '1.2.11-r3'], ['ca-certificates-cacert', '20191127-r1', 'ca-certificates']],
};
const BOOKWORM_BASE: LayerOf = {
  by: 'ADD rootfs.tar.xz /', type: 'deb',
  parts: [['libc6', '2.36-9', 'glibc'], ['libc-bin', '2.36-9', 'glibc'], ['bash', '5.2.15-2'], ['perl-base', '5.36.0-7', 'perl'], ['tar', '1.34+dfsg-1.2'], ['login', '1:4.13+dfsg1-1', 'shadow'], ['passwd', '1:4.13+dfsg1-1', 'shadow'], ['libgnutls30', '3.7.9-2', 'gnutls28'], ['zlib1g', '1:1.2.13.dfsg-1', 'zlib'], ['util-linux', '2.38.1-5'], ['libsystemd0', '252.6-1', 'systemd'], ['libtinfo6', '6.4-4', 'ncurses'], ['apt', '2.6.0'], ['dpkg', '1.21.22']],
};
const BUSTER_BASE: LayerOf = {
  by: 'ADD rootfs.tar.xz /', type: 'deb',
  parts: [['libc6', '2.28-10', 'glibc'], ['bash', '5.0-4'], ['libssl1.1', '1.1.1d-0+deb10u2', 'openssl'], ['perl-base', '5.28.1-6', 'perl'], ['sudo', '1.8.27-1+deb10u1'], ['libexpat1', '2.2.6-2', 'expat'], ['zlib1g', '1:1.2.11.dfsg-1', 'zlib'], ['libgnutls30', '3.6.7-4', 'gnutls28'], ['apt', '1.8.2']],
};
const CURL: LayerOf = {
  by: 'RUN apt-get update && apt-get install -y curl libwebp7 libtiff6', type: 'deb',
  parts: [['curl', '7.88.1-10'], ['libcurl4', '7.88.1-10', 'curl'], ['libssl3', '3.0.9-1', 'openssl'], ['openssl', '3.0.9-1'], ['libnghttp2-14', '1.52.0-1', 'nghttp2'], ['libexpat1', '2.5.0-1', 'expat'], ['libwebp7', '1.2.4-0.2', 'libwebp'], ['libtiff6', '4.5.0-6', 'tiff']],
};

const RUNS_AS_ROOT: PostureIssue = { rule: 'runs-as-root', title: 'Runs as root: no USER', severity: 3, advice: 'Create an account for the program and name it by number: USER 10001.' };
const PRIVATE_KEY: Secret = { rule: 'private-key', title: 'Private key', severity: 4, path: 'app/config/deploy.pem', line: 1, masked: '-----BEGIN ****', fingerprint: '0f343b0931126a20', layer: 2 };

/** By reference. */
export const IMAGES: Record<string, MadeImage> = {
  'registry.example.org/shop/front:1.4.2': {
    os: 'debian12', days: 12, size: 231e6, labels: { app: 'shop', 'org.opencontainers.image.source': 'https://git.example.org/shop/front' }, base: { reference: 'debian:12-slim', layers: 1 },
    layers: [BOOKWORM_BASE, CURL, { by: 'COPY node_modules /app/node_modules', type: 'npm', parts: [['lodash', '4.17.15'], ['minimist', '1.2.0'], ['serialize-javascript', '1.9.0'], ['express', '4.17.1'], ['react', '16.13.0']] }],
    secrets: [PRIVATE_KEY], posture: [RUNS_AS_ROOT, { rule: 'setuid', title: 'Setuid program', severity: 2, subject: 'usr/bin/passwd', advice: 'Remove the bit where nobody needs it.', layer: 0 }],
  },
  'registry.example.org/shop/front:1.4.1': {
    os: 'debian12', days: 40, size: 229e6, labels: { app: 'shop' }, base: { reference: 'debian:12-slim', layers: 1 },
    layers: [BOOKWORM_BASE, CURL, { by: 'COPY node_modules /app/node_modules', type: 'npm', parts: [['lodash', '4.17.11'], ['minimist', '0.0.8'], ['express', '4.17.1']] }], posture: [RUNS_AS_ROOT],
  },
  'registry.example.org/shop/cart:2.0.0': {
    os: 'debian12', days: 20, size: 187e6, labels: { app: 'shop' }, user: '10001', base: { reference: 'debian:12-slim', layers: 1 },
    layers: [BOOKWORM_BASE, { by: 'RUN pip install -r requirements.txt', type: 'pypi', parts: [['Django', '2.2.4'], ['PyYAML', '5.1'], ['Jinja2', '2.10'], ['requests', '2.19.1'], ['urllib3', '1.24.1'], ['Pillow', '6.2.0']] }],
  },
  'docker.io/library/nginx:1.16-alpine': {
    os: 'alpine', days: 900, size: 21e6, labels: { maintainer: 'NGINX Docker Maintainers' }, base: { reference: 'alpine:3.11', layers: 1 },
    layers: [ALPINE_BASE, { by: 'RUN apk add --no-cache nginx libxml2 git', type: 'apk', parts: [['nginx', '1.16.1-r3'], ['pcre', '8.43-r0'], ['libxml2', '2.9.10-r0'], ['git', '2.24.0-r0'], ['nghttp2-libs', '1.39.1-r0', 'nghttp2'], ['sqlite-libs', '3.30.1-r0', 'sqlite'], ['libjpeg-turbo', '2.0.3-r0']] }], posture: [RUNS_AS_ROOT],
  },
  'docker.io/library/postgres:11': {
    os: 'debian10', days: 700, size: 313e6, layers: [BUSTER_BASE, { by: 'RUN apt-get install -y postgresql-11', type: 'deb', parts: [['postgresql-11', '11.5-1+deb10u1'], ['libpq5', '11.5-1+deb10u1', 'postgresql-11'], ['libxml2', '2.9.4+dfsg1-7'], ['libldap-2.4-2', '2.4.47+dfsg-3', 'openldap'], ['libkrb5-3', '1.17-3', 'krb5']] }], base: { reference: 'debian:10-slim', layers: 1 },
  },
  'docker.io/library/redis:5-alpine': { os: 'alpine', days: 850, size: 31e6, layers: [ALPINE_BASE, { by: 'RUN make install', type: 'apk', parts: [['redis', '5.0.3-r0']] }] },
  'quay.io/prometheus/node-exporter:v1.4.0': { os: 'debian12', days: 500, size: 22e6, layers: [{ by: 'COPY node_exporter /bin/node_exporter', type: 'golang', parts: [['stdlib', 'v1.19.1'], ['golang.org/x/net', 'v0.0.0-20220722155237-a158d28d115b'], ['golang.org/x/crypto', 'v0.0.0-20220722155217-630584e8d5aa'], ['github.com/prometheus/client_golang', 'v1.12.0']] }], user: '65534' },
  'registry.k8s.io/coredns/coredns:v1.9.3': { os: 'debian12', days: 420, size: 48e6, layers: [{ by: 'COPY coredns /coredns', type: 'golang', parts: [['stdlib', 'v1.18.2'], ['golang.org/x/net', 'v0.0.0-20220225172249-27dd8689420f'], ['google.golang.org/grpc', 'v1.46.2'], ['github.com/coredns/coredns', 'v1.9.3']] }] },
  'ghcr.io/shop/jobs:3.1': {
    os: 'debian12', days: 90, size: 402e6, labels: { app: 'jobs' }, base: { reference: 'debian:12-slim', layers: 1 },
    layers: [BOOKWORM_BASE, { by: 'RUN bundle install', type: 'gem', parts: [['rack', '2.0.6'], ['nokogiri', '1.10.3'], ['actionpack', '5.2.3'], ['activesupport', '5.2.3'], ['loofah', '2.2.2']] }],
  },
  // Nothing is known against it: what was looked at stands beside "nothing found".
  'docker.io/library/busybox:1.36': { os: 'debian12', days: 30, size: 4e6, layers: [{ by: 'ADD busybox.tar.xz /', type: 'deb', parts: [['base-files', '12.4']] }] },
  'registry.example.org/shop/report:0.3': {
    os: 'debian12', days: 5, size: 260e6, labels: { app: 'report' }, layers: [BOOKWORM_BASE, { by: 'COPY report.jar /app', type: 'deb', parts: [['libexpat1', '2.5.0-1', 'expat']] }],
    warnings: [{ code: 'archive-too-deep', message: 'Archives within archives are read eight levels deep; what lies deeper was not looked at.', layer: 1, path: 'app/report.jar', incomplete: true }],
  },
  'registry.example.org/shop/mail:0.9': { os: 'debian12', days: 1, size: 150e6, layers: [], state: 'not-scanned' },
  'registry.example.org/shop/legacy:2014': { os: 'debian12', days: 3000, size: 512e6, layers: [], state: 'failed' },
};

export const FAILURE = 'The layer sha256:9f86d081884c could not be read: the gzip stream ends early.';

const DAY_MS = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const EVIDENCE: Partial<Record<PackageType, string>> = { apk: 'lib/apk/db/installed', deb: 'var/lib/dpkg/status', npm: 'app/node_modules', pypi: 'usr/lib/python3/dist-packages', gem: 'usr/lib/ruby/gems', golang: 'bin/app' };

function packagesOf(image: MadeImage): Package[] {
  const { ecosystem } = SYSTEMS[image.os];
  const distro = ecosystem.toLowerCase().replace(/:v?/, '-');
  return image.layers.flatMap(({ type, parts }, layer) =>
    parts.map(([name, version, source]): Package => ({
      name, version, type, layer, cataloger: type, paths: [EVIDENCE[type] ?? type],
      purl: type === 'apk' || type === 'deb' ? `pkg:${type}/${SYSTEMS[image.os].id}/${name}@${encodeURIComponent(version)}?distro=${distro}` : `pkg:${type}/${name}@${version}`,
      ...(type === 'apk' || type === 'deb' ? { source: { name: source ?? name, version } } : {}),
      licenses: [type === 'npm' ? 'MIT' : 'GPL-2.0-or-later'],
    })),
  );
}

function sbomOf(reference: string, image: MadeImage): Sbom {
  return {
    image: {
      reference, kind: 'docker', id: madeImageId(reference), tags: [reference], repoDigests: [], platform: { os: 'linux', architecture: 'amd64' }, created: ago(image.days), size: image.size,
      layers: image.layers.map(({ by }, index) => ({ index, diffId: sha256(`${reference} ${by}`), size: Math.round(image.size / image.layers.length), createdBy: by, historyStep: index, ...(image.base ? { fromBase: index < image.base.layers } : {}) })),
      history: image.layers.map(({ by }) => ({ created: ago(image.days), createdBy: by, emptyLayer: false })),
      config: { ...(image.user === undefined ? {} : { user: image.user }), env: ['PATH=/usr/bin'], cmd: ['/app/start'], exposedPorts: ['8080/tcp'], labels: image.labels ?? {} },
      ...(image.base ? { base: { ...image.base, foundBy: 'layers' as const } } : {}),
    },
    os: { ...SYSTEMS[image.os], idLike: [] }, packages: packagesOf(image), secrets: image.secrets ?? [], posture: image.posture ?? [], warnings: image.warnings ?? [],
  };
}

export const pack = (sbom: Sbom): string => gzipSync(JSON.stringify(sbom)).toString('base64');

/** That a host holds these images, and what is in them. */
export function imageMessages(references: readonly string[]): MessageBody[] {
  return references.flatMap((reference): MessageBody[] => {
    const image = IMAGES[reference]!;
    const imageId = madeImageId(reference);
    const held: MessageBody = { kind: 'image', image: { imageId, references: [reference], digests: [`${reference.replace(/:[^:/]*$/, '')}@${sha256(reference)}`], created: ago(image.days), size: image.size, labels: image.labels ?? {} } };
    if (image.state === 'not-scanned') return [held];
    if (image.state === 'failed') return [held, { kind: 'scan-failed', imageId, code: 'layer-unreadable', reason: FAILURE }];
    return [held, { kind: 'sbom', imageId, sbom: pack(sbomOf(reference, image)) }];
  });
}

/** A container of an image, by default as they mostly are. */
export function containerOf(name: string, reference: string, facts: Partial<ContainerFacts> = {}): MessageBody {
  const labels = { ...IMAGES[reference]?.labels, 'com.docker.compose.project': 'shop' };
  return madeContainer(name, {
    imageId: madeImageId(reference), image: reference, created: ago(9), started: ago(2), pid: 4000 + name.length, ports: ['0.0.0.0:8080->8080/tcp'], user: IMAGES[reference]?.user ?? null,
    mounts: [{ source: `/srv/${name}`, destination: '/data', mode: 'rw' }], networkMode: 'bridge', command: ['/app/start', '--verbose'], labels, status: 'Up 2 days', ...facts,
  });
}

const FRONT = 'registry.example.org/shop/front:1.4.2';
const OLD_FRONT = 'registry.example.org/shop/front:1.4.1';
const CART = 'registry.example.org/shop/cart:2.0.0';
const NGINX = 'docker.io/library/nginx:1.16-alpine';
const POSTGRES = 'docker.io/library/postgres:11';
const REDIS = 'docker.io/library/redis:5-alpine';
const EXPORTER = 'quay.io/prometheus/node-exporter:v1.4.0';
const COREDNS = 'registry.k8s.io/coredns/coredns:v1.9.3';
const JOBS = 'ghcr.io/shop/jobs:3.1';
const MAIL = 'registry.example.org/shop/mail:0.9';

const ended = (exitCode: number): Partial<ContainerFacts> => ({ state: 'exited', exitCode, status: `Exited (${exitCode}) 3 hours ago`, finished: ago(0.125), pid: null, ports: [] });
const pod = (name: string, namespace = 'shop'): Partial<ContainerFacts> => ({ pod: name, namespace, node: 'kube-node-01', labels: { 'io.kubernetes.pod.name': name, app: name.split('-')[0]! } });

const WEB_01: readonly MessageBody[] = [
  ...['front-1', 'front-2', 'front-3'].map((name) => containerOf(name, FRONT)),
  containerOf('edge', NGINX, { ports: ['0.0.0.0:80->80/tcp', '0.0.0.0:443->443/tcp'] }),
  containerOf('cart-1', CART), containerOf('cart-2', CART),
  containerOf('sessions', REDIS, { ports: [] }),
  containerOf('metrics', EXPORTER, { networkMode: 'host', mounts: [{ source: '/', destination: '/host', mode: 'ro' }] }),
  containerOf('debug', NGINX, { privileged: true, capabilities: ['ALL'], mounts: [{ source: '/var/run/docker.sock', destination: '/var/run/docker.sock', mode: 'rw' }], restarts: 17, state: 'restarting', status: 'Restarting (1) 4 seconds ago' }),
  containerOf('front-old', OLD_FRONT, ended(0)), containerOf('migrate', CART, ended(137)),
  containerOf('mailer', MAIL), containerOf('archive', 'registry.example.org/shop/legacy:2014', { state: 'dead', status: 'Dead', pid: null }),
];
const WEB_02: readonly MessageBody[] = [
  containerOf('db', POSTGRES, { ports: ['127.0.0.1:5432->5432/tcp'], user: 'postgres' }), containerOf('db-replica', POSTGRES),
  ...['front-4', 'front-5'].map((name) => containerOf(name, FRONT)), containerOf('front-canary', OLD_FRONT, { state: 'paused', status: 'Up 2 days (Paused)' }),
  containerOf('reports', 'registry.example.org/shop/report:0.3'), containerOf('tools', 'docker.io/library/busybox:1.36', { state: 'created', status: 'Created', started: null, pid: null }),
  containerOf('sessions-2', REDIS), containerOf('backup', POSTGRES, ended(1)),
];
const NODE_01: readonly MessageBody[] = [
  ...['coredns-7d8f6', 'coredns-9k2lm'].map((name) => containerOf(name, COREDNS, pod(name, 'kube-system'))),
  ...['jobs-5b6c7', 'jobs-8d9f0', 'jobs-1a2b3'].map((name) => containerOf(name, JOBS, pod(name))),
  ...['cart-4f5g6', 'cart-7h8j9'].map((name) => containerOf(name, CART, pod(name))),
  containerOf('nightly-28431', JOBS, { ...pod('nightly-28431'), ...ended(0) }),
];

export interface Inventory {
  web01: MadeSensor;
  web02: MadeSensor;
  node01: MadeSensor;
}

/** Three hosts with sensors, 13 images, 30 containers, events and what the first host has installed itself. */
export async function report(url: string, admin: Client): Promise<Inventory> {
  const [web01, web02, node01] = await Promise.all(['shop-web-01', 'shop-web-02', 'kube-node-01'].map((name) => enrolMadeSensor(() => url, admin, name))) as [MadeSensor, MadeSensor, MadeSensor];
  const tell = async (sensor: MadeSensor, messages: readonly MessageBody[]) => {
    for (const message of messages) sensor.say(message);
    await sensor.flush({ batch: 100 });
  };
  const host = { ...sbomOf('host', { os: 'debian12', days: 0, size: 0, layers: [BOOKWORM_BASE, CURL] }) };
  await Promise.all([
    tell(web01, [
      madeHost('shop-web-01', { provider: 'AWS', account: '123456789012', region: 'eu-central-1', instance: 'i-0abc123def4567890', instanceType: 'm6i.large', lastUser: 'ada', tags: ['production'], bootedAt: ago(33) }),
      ...imageMessages([FRONT, OLD_FRONT, CART, NGINX, REDIS, EXPORTER, MAIL, 'registry.example.org/shop/legacy:2014']), ...WEB_01,
      { kind: 'host-sbom', sbom: pack({ ...host, image: { ...host.image, layers: [], history: [] }, packages: host.packages.map((each) => ({ ...each, layer: 0 })) }) },
      { kind: 'activity', events: [
        { time: ago(0.1), kind: 'container-oom', severity: 4, message: 'cart-1 ran out of memory', containerId: null, imageId: null, detail: {} },
        { time: ago(0.2), kind: 'image-pulled', severity: 1, message: `${FRONT} pulled`, containerId: null, imageId: madeImageId(FRONT), detail: {} },
      ] },
    ]),
    tell(web02, [
      madeHost('shop-web-02', { provider: 'GCP', account: 'shop-prod', region: 'europe-west3', instance: '4711', instanceType: 'e2-standard-4', addresses: ['10.0.0.2', 'fd00::2'], tags: ['production'] }),
      ...imageMessages([POSTGRES, 'registry.example.org/shop/report:0.3', 'docker.io/library/busybox:1.36', REDIS, FRONT, OLD_FRONT]), ...WEB_02,
    ]),
    tell(node01, [
      madeHost('kube-node-01', { provider: 'Azure', account: 'sub-0815', region: 'westeurope', engine: 'containerd', engineVersion: '1.7.27', isDockerHost: false, cluster: 'shop', node: 'kube-node-01', addresses: ['10.0.0.3'] }),
      ...imageMessages([COREDNS, JOBS, CART]), ...NODE_01,
      { kind: 'gap', from: ago(0.5), to: ago(0.49), dropped: 12, reason: 'The stream of events from containerd broke.' },
    ]),
  ]);
  return { web01, web02, node01 };
}

export const COUNTS = { hosts: 3, images: Object.keys(IMAGES).length, containers: WEB_01.length + WEB_02.length + NODE_01.length };
