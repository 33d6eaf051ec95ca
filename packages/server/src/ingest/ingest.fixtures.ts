import { gzipSync } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import type { Package, Sbom } from '@plimsoll/model';
import type { ContainerFacts, HostFacts, ImageFacts, MessageBody } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Database } from '../context.ts';
import { authenticateSensor, createEnrolmentToken, enrolSensor, type SensorIdentity } from './credentials.ts';

/** Things that sensors report, for tests. */

export function imageId(n: number): string {
  return `sha256:${n.toString(16).padStart(64, '0')}`;
}
export function containerId(n: number): string {
  return n.toString(16).padStart(64, 'c');
}

export function imageFacts(n: number, more: Partial<ImageFacts> = {}): ImageFacts {
  return { imageId: imageId(n), references: [`docker.io/library/app${n}:1.${n}`], digests: [], created: '2026-01-02T03:04:05Z', size: 1000 + n, labels: { n: String(n) }, ...more };
}

export function containerFacts(n: number, more: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    containerId: containerId(n), name: `container-${n}`, imageId: imageId(1), image: 'app1:1.1', state: 'running', status: 'Up', created: '2026-01-02T03:04:05Z',
    started: '2026-01-02T03:04:06.123456789Z', finished: '0001-01-01T00:00:00Z', exitCode: 0, pid: 100 + n, restarts: 0, ports: ['0.0.0.0:80->80/tcp'],
    mounts: [{ source: '/data', destination: '/data', mode: 'rw' }], user: null, privileged: false, capabilities: ['+NET_ADMIN'], networkMode: 'bridge',
    command: ['serve', '--all'], labels: { app: 'shop' }, pod: null, namespace: null, node: null, ...more,
  };
}

export function hostFacts(more: Partial<HostFacts> = {}): HostFacts {
  return {
    name: 'web-1', machineId: 'machine-1', os: 'linux', osName: 'Debian GNU/Linux 12 (bookworm)', osVersion: '12', kernel: '6.1', architecture: 'amd64', cpus: 4,
    memory: 8e9, addresses: ['10.0.0.1'], provider: 'AWS', account: '1', region: 'eu-central-1', instance: 'i-1', instanceType: 'm5', lastUser: 'ada',
    bootedAt: '2026-01-01T00:00:00Z', engine: 'docker', engineVersion: '27', isDockerHost: true, cluster: null, node: null, tags: ['prod'], note: null, ...more,
  };
}

export function packageOf(name: string, version = '1.0', more: Partial<Package> = {}): Package {
  return { name, version, type: 'deb', purl: `pkg:deb/debian/${name}@${version}?distro=debian-12`, cataloger: 'dpkg', paths: ['var/lib/dpkg/status'], layer: 0, ...more };
}

export function sbomOf(packages: Package[], more: Partial<Sbom> = {}): Sbom {
  return {
    image: {
      reference: 'app', kind: 'docker', id: imageId(1), tags: [], repoDigests: [], platform: { os: 'linux', architecture: 'amd64' }, created: '2026-01-02T03:04:05Z', size: 5000,
      layers: [{ index: 0, diffId: `sha256:${'d'.repeat(64)}` }], history: [], config: { labels: { n: '1' } },
    },
    os: { id: 'debian', idLike: [], versionId: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)', ecosystem: 'Debian:12' },
    packages, secrets: [], posture: [], warnings: [], ...more,
  };
}

export function packed(sbom: unknown): string {
  return gzipSync(JSON.stringify(sbom)).toString('base64');
}

/** A sensor of a machine, enrolled as sensors are. */
export async function enrolledSensor(db: Database, name = 'web-1'): Promise<SensorIdentity & { credential: string }> {
  const { secret } = await createEnrolmentToken(db, { createdBy: 'test' });
  const { credential } = await enrolSensor(db, { token: secret, machineId: `machine-of-${name}`, name, version: '1' });
  return { ...(await authenticateSensor(db, credential))!, credential };
}

export const EPOCH = 'epoch-one';
export interface TestMessage {
  seq: number;
  time: string;
  body: MessageBody;
}

/** Messages with numbers from `first`, a second apart, some while ago. */
export function numbered(bodies: readonly MessageBody[], first = 1): TestMessage[] {
  const start = Date.now() - 3_600_000;
  return bodies.map((body, i) => ({ seq: first + i, time: new Date(start + (first + i) * 1000).toISOString(), body }));
}

/** All that reports write, without generated ids and the time of writing: equal contents are equal. */
export async function inventory(db: Database): Promise<Record<string, unknown[]>> {
  const tables = {
    hosts: sql`select to_jsonb(h) - 'id' - 'sbom_id' - 'first_seen' - 'last_seen' as row from hosts h order by machine_id`,
    images: sql`select to_jsonb(i) - 'id' - 'sbom_id' as row from images i order by image_id`,
    references: sql`select jsonb_build_array(i.image_id, r.registry, r.repository, r.tag, r.digest) as row from image_references r join images i on i.id = r.image_id order by 1`,
    layers: sql`select jsonb_build_array(i.image_id, l.position, l.diff_id) as row from image_layers l join images i on i.id = l.image_id order by 1`,
    held: sql`select to_jsonb(x) - 'image_id' - 'host_id' || jsonb_build_object('image', i.image_id, 'host', h.machine_id) as row
      from image_hosts x join images i on i.id = x.image_id join hosts h on h.id = x.host_id order by i.image_id, h.machine_id`,
    containers: sql`select to_jsonb(c) - 'id' - 'host_id' - 'image_id' || jsonb_build_object('image', i.image_id, 'host', h.machine_id) as row
      from containers c left join images i on i.id = c.image_id join hosts h on h.id = c.host_id order by container_id`,
    sboms: sql`select jsonb_build_object('image', i.image_id, 'host', h.machine_id, 'packages', s.packages, 'complete', s.complete, 'scanned', s.scanned_at, 'has', array(
        select p.purl from sbom_packages x join packages p on p.id = x.package_id where x.sbom_id = s.id order by 1)) as row
      from sboms s left join images i on i.sbom_id = s.id left join hosts h on h.sbom_id = s.id order by i.image_id, h.machine_id`,
    events: sql`select to_jsonb(e) - 'id' - 'host_id' as row from events e where kind <> 'host-enrolled' order by id`,
    gaps: sql`select to_jsonb(g) - 'id' - 'sensor_id' as row from sensor_gaps g order by id`,
    tags: sql`select jsonb_build_array(t.name, g.entity, g.derived) as row from taggings g join tags t on t.id = g.tag_id order by 1`,
    acked: sql`select jsonb_build_array(epoch, acked) as row from sensors order by 1`,
  };
  const result: Record<string, unknown[]> = {};
  for (const [name, statement] of Object.entries(tables)) result[name] = (await db.query<{ row: unknown }>(statement)).map(({ row }) => row);
  return result;
}

/** Leaves no row that a sensor or an enrolment made. */
export async function emptied(db: Database): Promise<void> {
  await db.run(sql`
    truncate hosts, images, image_references, image_layers, image_hosts, containers, sboms, sbom_packages, packages, findings, changes,
      sensors, sensor_gaps, enrolment_tokens, events, tags, taggings, settings restart identity cascade`);
}

/** A name that no other test has. */
export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}
