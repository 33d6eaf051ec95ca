import { Catalogue, type FleetPackage } from './catalogue.ts';
import { Random, Zipf } from './random.ts';

/** A realistic inventory of any size: the same for the same parameters, but for times, which count back from `now`. */

export interface FleetSize {
  hosts: number;
  images: number;
  /** Of an image, on average. */
  packages: number;
  containers: number;
  /** Open findings of images, about. */
  findings: number;
  events: number;
  seed: number;
}

/** What the figures in bench/RESULTS.md are about. */
export const WHOLE_FLEET: FleetSize = { hosts: 200, images: 5000, packages: 300, containers: 50_000, findings: 2_000_000, events: 200_000, seed: 1 };

export function fleetOf(scale: number, seed = WHOLE_FLEET.seed): FleetSize {
  const part = (whole: number): number => Math.max(1, Math.round(whole * scale));
  const { hosts, images, packages, containers, findings, events } = WHOLE_FLEET;
  return { hosts: part(hosts), images: part(images), packages, containers: part(containers), findings: part(findings), events: part(events), seed };
}

export interface FleetSbom {
  os: { id: string; name: string; version: string; ecosystem: string };
  packages: { package: FleetPackage; layer: number }[];
}
export interface FleetImage {
  imageId: string;
  name: string;
  registry: string;
  repository: string;
  tag: string;
  manifest: string;
  state: 'scanned' | 'incomplete' | 'not-scanned' | 'failed';
  reason: string | null;
  sbom: FleetSbom | null;
  layers: string[];
  labels: Record<string, string>;
  architecture: string;
  /** Days before now. */
  created: number;
  firstSeen: number;
  gone: number | null;
  size: number;
}
export interface FleetHost {
  id: string;
  name: string;
  provider: 'AWS' | 'Azure' | 'GCP' | null;
  region: string | null;
  account: string | null;
  instanceType: string | null;
  os: FleetSbom['os'];
  cpus: number;
  addresses: string[];
  engine: 'docker' | 'containerd';
  engineVersion: string;
  cluster: string | null;
  tags: string[];
  sbom: FleetSbom | null;
  firstSeen: number;
  sensor: 'live' | 'away' | 'none';
}
export interface FleetContainer {
  containerId: string;
  host: number;
  image: number;
  name: string;
  state: string;
  created: number;
  labels: Record<string, string>;
  privileged: boolean;
  user: string;
  ports: string[];
  restarts: number;
  pod: string | null;
  namespace: string | null;
  gone: number | null;
}

const TEAMS = ['payments', 'search', 'platform', 'data', 'mobile', 'identity', 'billing', 'growth'];
const APPS = ['shop', 'cart', 'auth', 'mail', 'report', 'gateway', 'worker', 'cron', 'media', 'feed', 'wiki', 'chat', 'proxy', 'cache', 'queue', 'ledger'];
const PUBLIC = ['library/nginx', 'library/redis', 'library/postgres', 'library/node', 'library/python', 'grafana/grafana', 'prom/prometheus', 'library/haproxy', 'library/rabbitmq', 'library/memcached'];
const PUBLIC_REGISTRY = 'docker.io';
const PRIVATE_REGISTRIES = ['registry.example.com:5000', 'harbor.example.com', 'images.example.net'];
const REGIONS = { AWS: ['eu-west-1', 'us-east-1', 'us-west-2'], Azure: ['westeurope', 'eastus'], GCP: ['europe-west4', 'us-central1'] };
const ENVIRONMENTS = ['production', 'staging', 'development'];

export class Fleet {
  readonly size: FleetSize;
  readonly catalogue: Catalogue;
  private readonly random: Random;

  constructor(size: FleetSize) {
    this.size = size;
    this.random = new Random(size.seed);
    const scale = size.images / WHOLE_FLEET.images;
    this.catalogue = new Catalogue(size.seed + 1, { scale, density: (size.findings / (size.images * size.packages)) * 1.24 });
  }

  private sbom(packages: number, withLanguages: boolean): FleetSbom {
    const { random, catalogue } = this;
    const distribution = catalogue.distributions[Number(random.weighted({ d0: 34, d1: 26, d2: 16, d3: 10, d4: 8, d5: 6 }).slice(1))]!;
    // How far behind it is: what was built long ago has old versions.
    const age = 1 + random.below(5);
    const all = new Map<number, { package: FleetPackage; layer: number }>();
    const add = (one: FleetPackage, layer: number): void => void all.set(one.id, { package: one, layer });
    const own = withLanguages ? Math.round(packages * 0.4) : packages;
    const base = Math.min(distribution.names.length, Math.round(own * 0.7));
    for (const name of distribution.names.slice(0, base)) add(catalogue.package(distribution.type, name, age, distribution.ecosystem), 0);
    const more = catalogue.rank(distribution.names.length);
    for (let tries = 0; all.size < own && tries < own * 4; tries++) add(catalogue.package(distribution.type, distribution.names[more.sample(random)]!, age, distribution.ecosystem), 1);
    if (withLanguages) {
      const language = random.weighted({ npm: 40, maven: 25, pypi: 15, golang: 20 });
      const names = catalogue.languages[language]!;
      const rank = catalogue.rank(names.length);
      for (let tries = 0; all.size < packages && tries < packages * 6; tries++) add(catalogue.package(language, names[rank.sample(random)]!, age + random.below(3) - 1), 2 + random.below(4));
    }
    const { id, name, version, ecosystem } = distribution;
    return { os: { id, name, version, ecosystem }, packages: [...all.values()] };
  }

  *images(): Generator<FleetImage> {
    const { random, size } = this;
    const bases = Array.from({ length: 40 }, () => `sha256:${random.hex(64)}`);
    for (let index = 0; index < size.images; index++) {
      const isPublic = random.chance(0.35);
      const team = random.pick(TEAMS);
      const app = random.pick(APPS);
      const registry = isPublic ? PUBLIC_REGISTRY : PRIVATE_REGISTRIES[new Zipf(PRIVATE_REGISTRIES.length).sample(random)]!;
      const repository = isPublic ? random.pick(PUBLIC) : `${team}/${app}-${random.below(1 + Math.ceil(size.images / 400))}`;
      const tag = random.chance(0.1) ? 'latest' : `${1 + random.below(4)}.${random.below(30)}.${random.below(20)}`;
      const state = random.weighted({ scanned: 930, incomplete: 30, 'not-scanned': 25, failed: 15 });
      const packages = Math.max(20, Math.round(size.packages * (0.5 + random.next())));
      const created = random.next() ** 2 * 700;
      yield {
        imageId: `sha256:${random.hex(64)}`,
        name: `${isPublic ? repository.replace(/^library\//, '') : `${registry}/${repository}`}:${tag}`,
        registry, repository, tag,
        manifest: `sha256:${random.hex(64)}`,
        state,
        reason: state === 'failed' ? random.pick(['timeout reading a layer', 'layer digest mismatch', 'no space left on device']) : state === 'incomplete' ? 'rpm database is corrupt' : null,
        sbom: state === 'scanned' || state === 'incomplete' ? this.sbom(packages, true) : null,
        layers: [random.pick(bases), ...Array.from({ length: 5 }, () => `sha256:${random.hex(64)}`)],
        labels: { ...(isPublic ? {} : { app, team }), 'org.opencontainers.image.version': tag, maintainer: isPublic ? 'public' : team },
        architecture: random.chance(0.85) ? 'amd64' : 'arm64',
        created,
        firstSeen: Math.min(created, random.next() * 120),
        gone: random.chance(0.03) ? random.next() * 60 : null,
        size: Math.round(20e6 + random.next() ** 3 * 2e9),
      };
    }
  }

  *hosts(): Generator<FleetHost> {
    const { random, size } = this;
    for (let index = 0; index < size.hosts; index++) {
      const provider = random.weighted({ AWS: 50, Azure: 20, GCP: 15, none: 15 });
      const environment = random.weighted({ production: 55, staging: 25, development: 20 });
      const kubernetes = random.chance(0.4);
      const sbom = this.sbom(Math.min(450, size.packages * 1.5), false);
      const scanned = random.chance(0.9);
      yield {
        id: `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`,
        name: `${environment.slice(0, 4)}-${random.pick(['web', 'db', 'ci', 'app', 'edge'])}-${index + 1}`,
        provider: provider === 'none' ? null : provider,
        region: provider === 'none' ? null : random.pick(REGIONS[provider]),
        account: provider === 'none' ? null : String(100000000000 + random.below(5)),
        instanceType: provider === 'none' ? null : random.pick(['small', 'medium', 'large', 'xlarge']),
        os: sbom.os,
        cpus: 2 ** (1 + random.below(6)),
        addresses: [`10.${random.below(4)}.${random.below(250)}.${1 + random.below(250)}`],
        engine: kubernetes ? 'containerd' : 'docker',
        engineVersion: kubernetes ? `1.7.${random.below(20)}` : `2${4 + random.below(4)}.0.${random.below(8)}`,
        cluster: kubernetes ? `${environment}-${1 + random.below(3)}` : null,
        tags: [environment, random.pick(TEAMS)].sort(),
        sbom: scanned ? sbom : null,
        firstSeen: random.next() * 120,
        sensor: random.weighted({ live: 93, away: 4, none: 3 }),
      };
    }
  }

  /** `images`: how many there are; popular ones have many containers. */
  *containers(images: readonly FleetImage[], hosts: readonly FleetHost[]): Generator<FleetContainer> {
    const { random, size } = this;
    const usable = images.flatMap((image, index) => (image.gone === null ? [index] : []));
    const popular = new Zipf(usable.length, 0.8);
    for (let index = 0; index < size.containers; index++) {
      const image = usable[popular.sample(random)]!;
      const host = random.below(hosts.length);
      const { cluster } = hosts[host]!;
      const app = images[image]!.labels['app'] ?? random.pick(APPS);
      const state = random.weighted({ running: 800, exited: 150, created: 20, paused: 10, restarting: 15, dead: 5 });
      const suffix = random.hex(5);
      yield {
        containerId: random.hex(64),
        host, image,
        name: cluster === null ? `${app}-${1 + random.below(9)}-${suffix}` : `k8s_${app}_${suffix}`,
        state,
        created: random.next() ** 3 * 200,
        labels: { app, env: hosts[host]!.tags.find((tag) => ENVIRONMENTS.includes(tag))!, ...(cluster === null ? { 'com.docker.compose.project': random.pick(TEAMS), 'com.docker.compose.service': app } : { 'io.kubernetes.container.name': app }) },
        privileged: random.chance(0.02),
        user: random.weighted({ root: 55, app: 30, nobody: 10, '1000': 5 }),
        ports: random.chance(0.4) ? [`0.0.0.0:${1024 + random.below(60000)}->${random.pick([80, 443, 8080, 5432, 6379])}/tcp`] : [],
        restarts: random.chance(0.1) ? random.below(200) : 0,
        pod: cluster === null ? null : `${app}-${random.hex(10)}`,
        namespace: cluster === null ? null : random.pick(TEAMS),
        gone: random.chance(0.04) ? random.next() * 30 : null,
      };
    }
  }

  /** Kind, severity and days before now of what happened, and to which container. */
  *events(containers: number): Generator<{ kind: string; severity: number; before: number; container: number }> {
    const { random, size } = this;
    for (let index = 0; index < size.events; index++) {
      const kind = random.weighted({ 'container-started': 40, 'container-died': 38, 'container-oom': 2, 'image-pulled': 15, 'container-unhealthy': 5 });
      yield { kind, severity: kind === 'container-oom' ? 4 : kind === 'container-unhealthy' ? 3 : 1, before: random.next() * 30, container: random.below(containers) };
    }
  }
}
