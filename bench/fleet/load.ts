import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { Fleet, type FleetContainer, type FleetHost, type FleetImage, type FleetSbom, type FleetSize } from './inventory.ts';

/** Writes a fleet into an empty, migrated database. */

export interface Loaded {
  hosts: number;
  images: number;
  containers: number;
  packages: number;
  imagePackages: number;
  vulnerabilities: number;
  findings: number;
  events: number;
  seconds: number;
}

type Value = string | number | boolean | null | string[] | Buffer | object;
const BATCH = 5000;
const DAY = 86_400_000;

export async function loadFleet(url: string, size: FleetSize, { now = new Date(), log = () => undefined }: { now?: Date; log?: (line: string) => void } = {}): Promise<Loaded> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await new Loader(client, new Fleet(size), now, log).run();
  } finally {
    await client.end();
  }
}

/** Rows of one table, sent some thousand at a time as one array a column. */
class Table {
  private rows: Value[][] = [];
  private readonly client: Client;
  private readonly statement: string;
  private readonly arrays: readonly boolean[];
  count = 0;

  private readonly parent: Table | undefined;

  /** `parent`: the table that rows of this one refer to, written before them. */
  constructor(client: Client, name: string, columns: Readonly<Record<string, string>>, { numbered = false, parent }: { numbered?: boolean; parent?: Table } = {}) {
    this.client = client;
    this.parent = parent;
    const types = Object.values(columns);
    this.arrays = types.map((type) => type.endsWith('[]'));
    // A column that is an array itself travels as its text, since arrays of arrays would have to be of one length.
    const given = types.map((type, index) => `$${index + 1}::${type.endsWith('[]') ? 'text' : type}[]`).join(', ');
    const values = types.map((type, index) => `c${index}::${type}`).join(', ');
    this.statement = `insert into ${name} (${Object.keys(columns).join(', ')}) ${numbered ? 'overriding system value' : ''}
      select ${values} from unnest(${given}) as given (${types.map((_, index) => `c${index}`).join(', ')})`;
  }

  async add(...row: Value[]): Promise<void> {
    this.count++;
    if (this.rows.push(row) >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.rows.length === 0) return;
    await this.parent?.flush();
    const columns = this.arrays.map((isArray, index) => this.rows.map((row) => {
      const value = row[index]!;
      if (isArray) return `{${(value as string[]).map((item) => JSON.stringify(item)).join(',')}}`;
      return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? JSON.stringify(value) : value;
    }));
    this.rows = [];
    await this.client.query(this.statement, columns);
  }
}

class Loader {
  private readonly client: Client;
  private readonly fleet: Fleet;
  private readonly now: number;
  private readonly log: (line: string) => void;
  private readonly tables: Record<'sboms' | 'members' | 'findings' | 'packages' | 'vulnerabilities', Table>;
  private written = { packages: 0, vulnerabilities: 0 };

  constructor(client: Client, fleet: Fleet, now: Date, log: (line: string) => void) {
    this.client = client;
    this.fleet = fleet;
    this.now = now.getTime();
    this.log = log;
    const sboms = new Table(client, 'sboms', { id: 'int', document: 'bytea', scanned_at: 'timestamptz', os_id: 'text', os_name: 'text', os_version: 'text', ecosystem: 'text', complete: 'boolean', packages: 'int', secrets: 'int', posture: 'int', matched_at: 'timestamptz', matched_by: 'text', s1: 'int', s2: 'int', s3: 'int', s4: 'int', s5: 'int', fixable: 'int', kev: 'int', judged: 'int' }, { numbered: true });
    this.tables = {
      sboms,
      members: new Table(client, 'sbom_packages', { sbom_id: 'int', package_id: 'int', layer: 'smallint' }, { parent: sboms }),
      findings: new Table(client, 'findings', { sbom_id: 'int', vulnerability_id: 'int', package_id: 'int', severity: 'smallint', status: 'text', fixed_version: 'text', layer: 'smallint', first_seen: 'timestamptz' }, { parent: sboms }),
      packages: new Table(client, 'packages', { id: 'int', type: 'text', name: 'text', version: 'text', purl: 'text', source_name: 'text', source_version: 'text' }, { numbered: true }),
      vulnerabilities: new Table(client, 'vulnerabilities', { id: 'int', name: 'text', aliases: 'text[]', severity: 'smallint', cvss: 'real', epss: 'real', epss_percentile: 'real', kev_added: 'date', ransomware: 'boolean', cwes: 'text[]', published: 'timestamptz', first_seen: 'timestamptz' }, { numbered: true }),
    };
  }

  async run(): Promise<Loaded> {
    const started = Date.now();
    await this.client.query('begin');
    await this.client.query(`set local synchronous_commit = off`);
    const indexes = await this.withoutIndexes(['sbom_packages', 'findings']);
    const images: FleetImage[] = [];
    for (const image of this.fleet.images()) images.push(image);
    const hosts = [...this.fleet.hosts()];
    // Packages and vulnerabilities come to be as images are made, and must be there before what refers to them.
    await this.newPackages();
    await this.sboms(images, hosts);
    await this.assets(images, hosts);
    this.log('indexes');
    for (const index of indexes) await this.client.query(index);
    await this.client.query(`select setval(pg_get_serial_sequence(name, 'id'), greatest(top, 1)) from (values
      ('packages', (select max(id) from packages)), ('vulnerabilities', (select max(id) from vulnerabilities)), ('sboms', (select max(id) from sboms)),
      ('images', (select max(id) from images)), ('containers', (select max(id) from containers)), ('events', (select max(id)::int from events))) as tops (name, top)`);
    await this.client.query('commit');
    await this.client.query('vacuum analyze');
    const { packages, vulnerabilities, members, findings } = this.tables;
    return {
      hosts: hosts.length, images: images.length, containers: this.fleet.size.containers, packages: packages.count, imagePackages: members.count,
      vulnerabilities: vulnerabilities.count, findings: findings.count, events: this.fleet.size.events, seconds: Math.round((Date.now() - started) / 100) / 10,
    };
  }

  private at(daysBefore: number): string {
    return new Date(this.now - daysBefore * DAY).toISOString();
  }

  /** Drops what can be made anew faster after loading; returns how. */
  private async withoutIndexes(tables: string[]): Promise<string[]> {
    const { rows } = await this.client.query<{ name: string; make: string }>(
      `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as make from pg_index i
       where i.indrelid = any($1::regclass[]) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`, [tables]);
    for (const { name } of rows) await this.client.query(`drop index ${name}`);
    return rows.map(({ make }) => make);
  }

  private async newPackages(): Promise<void> {
    const { catalogue } = this.fleet;
    const { packages, vulnerabilities } = this.tables;
    for (const { id, name, aliases, severity, cvss, epss, kev, ransomware, cwe, published } of catalogue.vulnerabilities.slice(this.written.vulnerabilities)) {
      await vulnerabilities.add(id, name, aliases, severity, cvss, epss, Math.round(epss ** (1 / 6) * 1e4) / 1e4, kev ? this.at(Math.max(0, published - 20)).slice(0, 10) : null, ransomware, [cwe], this.at(published), this.at(Math.min(published, 120)));
    }
    for (const { id, type, name, version, purl, source } of catalogue.packages.slice(this.written.packages)) await packages.add(id, type, name, version, purl, source, source === null ? null : version);
    this.written = { packages: catalogue.packages.length, vulnerabilities: catalogue.vulnerabilities.length };
    await vulnerabilities.flush();
    await packages.flush();
  }

  private async sboms(images: readonly FleetImage[], hosts: readonly FleetHost[]): Promise<void> {
    const owners = [...images.map((image) => ({ sbom: image.sbom, firstSeen: image.firstSeen, image })), ...hosts.map((host) => ({ sbom: host.sbom, firstSeen: host.firstSeen, image: undefined }))];
    for (const [index, { sbom, firstSeen, image }] of owners.entries()) {
      if (sbom) await this.sbom(index + 1, sbom, firstSeen, image);
      if (index % 500 === 499) this.log(`${index + 1} of ${owners.length} SBOMs`);
    }
    await this.tables.sboms.flush();
    await this.tables.members.flush();
    await this.tables.findings.flush();
  }

  private async sbom(id: number, sbom: FleetSbom, firstSeen: number, image: FleetImage | undefined): Promise<void> {
    const flaws = sbom.packages.flatMap(({ package: one, layer }) => one.vulnerabilities.map((flaw) => ({ ...flaw, one, layer })));
    const [s1, s2, s3, s4, s5] = [1, 2, 3, 4, 5].map((severity) => flaws.filter(({ vulnerability }) => vulnerability.severity === severity).length) as [number, number, number, number, number];
    const fixable = flaws.filter(({ fixed }) => fixed !== null).length;
    const kev = flaws.filter(({ vulnerability }) => vulnerability.kev).length;
    const document = gzipSync(JSON.stringify(documentOf(sbom, image)), { level: 1 });
    await this.tables.sboms.add(id, document, this.at(firstSeen), sbom.os.id, sbom.os.name, sbom.os.version, sbom.os.ecosystem, image?.state !== 'incomplete', sbom.packages.length, id % 40 === 0 ? 2 : 0, id % 3, this.at(0), 'bench', s1, s2, s3, s4, s5, fixable, kev, sbom.packages.length);
    for (const { package: one, layer } of sbom.packages) await this.tables.members.add(id, one.id, layer);
    for (const { vulnerability, fixed, one, layer } of flaws) {
      await this.tables.findings.add(id, vulnerability.id, one.id, vulnerability.severity, fixed === null ? 'affected' : 'fixed', fixed, layer, this.at(Math.min(firstSeen, vulnerability.published)));
    }
  }

  private async assets(images: readonly FleetImage[], hosts: readonly FleetHost[]): Promise<void> {
    const { client } = this;
    const tagNames = [...new Set(hosts.flatMap(({ tags }) => tags))].sort();
    await client.query(`insert into tags (name) select unnest($1::text[]) on conflict do nothing`, [tagNames]);
    const hostTable = new Table(client, 'hosts', { id: 'uuid', machine_id: 'text', name: 'text', os: 'text', os_name: 'text', os_version: 'text', kernel: 'text', architecture: 'text', cpus: 'int', memory: 'bigint', addresses: 'text[]', provider: 'text', account: 'text', region: 'text', instance: 'text', instance_type: 'text', engine: 'text', engine_version: 'text', is_docker_host: 'boolean', cluster: 'text', node: 'text', tags: 'text[]', sbom_id: 'int', scan_state: 'text', first_seen: 'timestamptz', last_seen: 'timestamptz' });
    for (const [index, h] of hosts.entries()) {
      await hostTable.add(h.id, `machine-${index}`, h.name, 'linux', h.os.name, h.os.version, '6.1.0-18-amd64', 'x86_64', h.cpus, h.cpus * 4 * 2 ** 30, h.addresses, h.provider, h.account, h.region, h.provider === null ? null : `i-${h.id.slice(0, 8)}`, h.instanceType, h.engine, h.engineVersion, true, h.cluster, h.cluster === null ? null : h.name, h.tags, h.sbom ? images.length + index + 1 : null, h.sbom ? 'scanned' : 'not-scanned', this.at(h.firstSeen), this.at(0));
    }
    await hostTable.flush();
    await client.query(`insert into taggings (tag_id, entity, asset, derived) select t.id, 'hosts', h.id::text, true from hosts h cross join unnest(h.tags) as tag join tags t on t.name = tag`);
    const sensors = hosts.filter(({ sensor }) => sensor !== 'none');
    await client.query(
      `insert into sensors (host_id, credential_hash, version, last_seen, enrolled_at) select id, decode(md5(id::text), 'hex'), '0.1.0', seen, now() from unnest($1::uuid[], $2::timestamptz[]) as given (id, seen)`,
      [sensors.map(({ id }) => id), sensors.map(({ sensor }) => this.at(sensor === 'live' ? 0 : 0.2))]);
    await this.images(images);
    await this.containers(images, hosts);
  }

  private async images(images: readonly FleetImage[]): Promise<void> {
    const { client } = this;
    const table = new Table(client, 'images', { id: 'int', image_id: 'text', name: 'text', sbom_id: 'int', scan_state: 'text', scan_reason: 'text', os_name: 'text', architecture: 'text', created: 'timestamptz', size: 'bigint', labels: 'jsonb', first_seen: 'timestamptz', last_seen: 'timestamptz', gone_at: 'timestamptz' }, { numbered: true });
    const references = new Table(client, 'image_references', { image_id: 'int', registry: 'text', repository: 'text', tag: 'text', digest: 'text' });
    const layers = new Table(client, 'image_layers', { image_id: 'int', position: 'smallint', diff_id: 'text' });
    for (const [index, image] of images.entries()) {
      const id = index + 1;
      await table.add(id, image.imageId, image.name, image.sbom ? id : null, image.state, image.reason, image.sbom?.os.name ?? null, image.architecture, this.at(image.created), image.size, image.labels, this.at(image.firstSeen), this.at(image.gone ?? 0), image.gone === null ? null : this.at(image.gone));
    }
    await table.flush();
    for (const [index, image] of images.entries()) {
      await references.add(index + 1, image.registry, image.repository, image.tag, null);
      await references.add(index + 1, image.registry, image.repository, null, image.manifest);
      for (const [position, diffId] of image.layers.entries()) await layers.add(index + 1, position, diffId);
    }
    await references.flush();
    await layers.flush();
  }

  private async containers(images: readonly FleetImage[], hosts: readonly FleetHost[]): Promise<void> {
    const { client } = this;
    const table = new Table(client, 'containers', { id: 'int', container_id: 'text', host_id: 'uuid', image_id: 'int', name: 'text', image_name: 'text', state: 'text', status: 'text', created: 'timestamptz', started: 'timestamptz', restarts: 'int', ports: 'jsonb', user_name: 'text', privileged: 'boolean', network_mode: 'text', command: 'text[]', labels: 'jsonb', pod: 'text', namespace: 'text', node: 'text', first_seen: 'timestamptz', last_seen: 'timestamptz', gone_at: 'timestamptz' }, { numbered: true });
    const all: FleetContainer[] = [];
    for (const container of this.fleet.containers(images, hosts)) {
      all.push(container);
      const { image, host, created, gone } = container;
      await table.add(all.length, container.containerId, hosts[host]!.id, image + 1, container.name, images[image]!.name, container.state, container.state === 'exited' ? 'exit code 0' : 'up', this.at(created), this.at(created * 0.9), container.restarts, container.ports, container.user, container.privileged, 'bridge', ['/app/server', '--listen', '8080'], container.labels, container.pod, container.namespace, container.pod === null ? null : hosts[host]!.name, this.at(Math.min(created, 120)), this.at(gone ?? 0), gone === null ? null : this.at(gone));
    }
    await table.flush();
    await client.query(`insert into image_hosts (image_id, host_id, names, first_seen, last_seen) select c.image_id, c.host_id, array[max(c.image_name)], min(c.first_seen), max(c.last_seen) from containers c group by 1, 2`);
    // What nothing was started from lies about on some host.
    await client.query(`insert into image_hosts (image_id, host_id, names, last_seen) select i.id, (array(select id from hosts order by id))[1 + i.id % (select count(*) from hosts)], array[i.name], now() from images i where i.gone_at is null on conflict do nothing`);
    const events = new Table(client, 'events', { at: 'timestamptz', kind: 'text', severity: 'smallint', message: 'text', host_id: 'uuid', container_id: 'text', image_id: 'text' });
    for (const { kind, severity, before, container } of this.fleet.events(all.length)) {
      const { host, image, name, containerId } = all[container]!;
      await events.add(this.at(before), kind, severity, `${name}: ${kind.replaceAll('-', ' ')}`, hosts[host]!.id, containerId, images[image]!.imageId);
    }
    await events.flush();
  }
}

/** As a sensor would have sent it. */
function documentOf({ os, packages }: FleetSbom, image: FleetImage | undefined): object {
  return {
    image: {
      reference: image?.name ?? '/', kind: image ? 'docker' : 'dir', ...(image && { id: image.imageId, digest: image.manifest }), tags: image ? [image.name] : [], repoDigests: [],
      layers: (image?.layers ?? ['']).map((diffId, index) => ({ index, ...(diffId && { diffId }) })), history: [],
    },
    os: { id: os.id, idLike: [], versionId: os.version, prettyName: os.name, ecosystem: os.ecosystem },
    packages: packages.map(({ package: { name, version, type, purl, source }, layer }) => ({ name, version, type, purl, ...(source !== null && { source: { name: source, version } }), cataloger: type, paths: [`var/lib/${type}/${name}`], layer: image ? layer : 0 })),
    secrets: [], posture: [], warnings: [],
  };
}
