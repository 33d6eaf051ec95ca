import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { buildDatabase, openDatabase } from '@plimsoll/advisories';
import type { Package, Sbom } from '@plimsoll/model';
import type { Advisories, Database } from '../context.ts';
import { storeSbom } from '../ingest/sboms.ts';

/** An advisory as OSV has it, as far as these tests go. */
export interface OsvRecord {
  id: string;
  name: string;
  fixed?: string;
  ecosystem?: string;
  cves?: string[];
  severity?: string;
}

/** Builds a database file of these advisories. */
export async function makeDatabase(folder: string, name: string, records: OsvRecord[], built: string): Promise<string> {
  const feeds = join(folder, `${name}-feeds`);
  const byEcosystem = new Map<string, OsvRecord[]>();
  for (const record of records) {
    const family = (record.ecosystem ?? 'npm').split(':')[0]!;
    byEcosystem.set(family, [...(byEcosystem.get(family) ?? []), record]);
  }
  for (const [family, own] of byEcosystem) {
    const file = join(feeds, 'osv', family, 'all.zip');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, zip(own.map((record) => [`${record.id}.json`, JSON.stringify(osv(record))])));
  }
  const out = join(folder, `${name}.db`);
  await buildDatabase({ from: feeds, out, built });
  return out;
}

function osv({ id, name, fixed, ecosystem = 'npm', cves = [], severity }: OsvRecord): object {
  return {
    schema_version: '1.6.0', id, modified: '2026-01-01T00:00:00Z', published: '2026-01-01T00:00:00Z', aliases: cves,
    ...(severity ? { severity: [{ type: 'CVSS_V3', score: severity }] } : {}),
    affected: [{ package: { ecosystem, name }, ranges: [{ type: ecosystem === 'npm' ? 'SEMVER' : 'ECOSYSTEM', events: [{ introduced: '0' }, ...(fixed ? [{ fixed }] : [])] }] }],
  };
}

/** A zip archive: APPNOTE.TXT 4.3, deflated entries without extras. */
function zip(files: [string, string][]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of files) {
    const data = Buffer.from(text);
    const packed = deflateRawSync(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crcOf(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), fields, tail, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

function crcOf(data: Buffer): number {
  if (typeof crc32 === 'function') return crc32(data);
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

export const npm = (name: string, version: string, more: Partial<Package> = {}): Package => ({
  type: 'npm', name, version, purl: `pkg:npm/${name}@${version}`, cataloger: 'npm', paths: [`app/node_modules/${name}/package.json`], layer: 0, ...more,
});

export const deb = (name: string, version: string, source = name): Package => ({
  type: 'deb', name, version, purl: `pkg:deb/debian/${name}@${version}?distro=debian-12`, source: { name: source, version }, cataloger: 'dpkg', paths: ['var/lib/dpkg/status'], layer: 0,
});

export function sbomOf(packages: Package[], { id, debian = false }: { id?: string; debian?: boolean } = {}): Sbom {
  return {
    image: {
      reference: 'test', kind: 'oci', ...(id === undefined ? {} : { id }), tags: [], repoDigests: [],
      layers: [{ index: 0, diffId: `sha256:${'a'.repeat(64)}`, createdBy: 'COPY . /', fromBase: false }],
      history: [], config: { env: ['TOKEN=hunter2'], user: 'app' }, platform: { os: 'linux', architecture: 'amd64' },
    },
    ...(debian ? { os: { id: 'debian', idLike: [], versionId: '12', prettyName: 'Debian GNU/Linux 12', ecosystem: 'Debian:12' } } : {}),
    packages, secrets: [], posture: [], warnings: [],
  };
}

export const imageId = (n: number): string => `sha256:${n.toString(16).padStart(64, '0')}`;

/** Stores an image with these packages; returns its SBOM's id. */
export async function storeImage(db: Database, n: number, packages: Package[], references: string[] = []): Promise<number> {
  const packed = gzipSync(JSON.stringify(sbomOf(packages, { id: imageId(n) }))).toString('base64');
  return (await db.transaction((tx) => storeSbom(tx, { packed, references }))).sbomId;
}

export async function storeHost(db: Database, hostId: string, packages: Package[]): Promise<number> {
  const packed = gzipSync(JSON.stringify(sbomOf(packages, { debian: true }))).toString('base64');
  return (await db.transaction((tx) => storeSbom(tx, { packed, hostId }))).sbomId;
}

/** Advisories whose database a test swaps by hand; the former ones stay at hand. */
export function switchable(): Advisories & { use(file: string): void } {
  const opened: { id: string; file: string; database: ReturnType<typeof openDatabase> }[] = [];
  return {
    current: () => opened.at(-1),
    earlier: (id) => opened.find((other) => other.id === id),
    state: { updating: false, failed: null, checkedAt: null },
    update: async () => undefined,
    use(file) {
      opened.push({ id: file, file, database: openDatabase(file) });
    },
    close: async () => {
      for (const { database } of opened.splice(0)) database.close();
    },
  };
}
