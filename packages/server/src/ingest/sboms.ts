import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { InputError, type Package, type Sbom } from '@plimsoll/model';
import { sbomSchema } from '@plimsoll/model/schema';
import sql from 'sql-template-tag';
import type { Queryable } from '../context.ts';
import { isNestedDeeper } from '../nesting.ts';
import { bareImage, makeImages, rename } from './images.ts';
import { fullNames } from './references.ts';
import { noEffects } from './taking.ts';
import { bigintOrNull, plain, rows, timeOrNull } from './values.ts';

const MIB = 1024 * 1024;
/** Largest document, unpacked. */
const MAX_DOCUMENT = 64 * MIB;
/** Levels of arrays and objects; an SBOM has six. */
const DEEPEST_DOCUMENT = 64;
const MAX_REASON = 500;
const MAX_LAYER = 32_767;
const unzip = promisify(gunzip);

/** An SBOM that was unpacked and found to be one. */
export interface ReadSbom {
  packed: Buffer;
  sbom: Sbom;
  /** Bytes of the document, unpacked. */
  size: number;
  /** What `registerPackages` returned for it, when it was called already. */
  packageIds?: ReadonlyMap<string, number>;
}

/**
 * Unpacks and checks an SBOM: base64 text or bytes of gzipped JSON.
 * @throws InputError `sbom-unreadable` or `sbom-invalid`, with what is wrong.
 */
export async function readSbom(packed: string | Buffer): Promise<ReadSbom> {
  const bytes = typeof packed === 'string' ? Buffer.from(packed, 'base64') : packed;
  return { packed: bytes, ...(await unpack(bytes)) };
}

async function unpack(bytes: Buffer): Promise<{ sbom: Sbom; size: number }> {
  let text: string;
  try {
    text = (await unzip(bytes, { maxOutputLength: MAX_DOCUMENT })).toString('utf8');
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new InputError('sbom-unreadable', tooLarge ? `The SBOM is larger than ${MAX_DOCUMENT / MIB} MiB when unpacked.` : 'The SBOM is not gzipped, or was damaged on its way.', { cause: error });
  }
  if (isNestedDeeper(text, DEEPEST_DOCUMENT)) throw new InputError('sbom-invalid', `The SBOM is nested deeper than ${DEEPEST_DOCUMENT} levels.`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new InputError('sbom-unreadable', 'The SBOM is not JSON.', { cause: error });
  }
  const parsed = sbomSchema.safeParse(document);
  if (parsed.success) return { sbom: parsed.data, size: text.length };
  const [issue] = parsed.error.issues;
  throw new InputError('sbom-invalid', `The SBOM has not the shape of one: ${issue!.path.join('.') || 'the document'}: ${issue!.message}`);
}

/**
 * Makes sure of rows for the packages and returns their ids, by purl. Best called before the transaction and outside
 * of it: packages are the same for everyone, and a statement of its own holds its locks for a moment only. In the
 * order of their purls, so that two at once cannot wait for each other.
 */
export async function registerPackages(db: Queryable, packages: readonly Package[]): Promise<Map<string, number>> {
  const missing = new Map(packages.map((entry) => [plain(entry.purl), entry]));
  const ids = new Map<string, number>();
  const take = (found: { purl: string; id: number }[]) => {
    for (const { purl, id } of found) {
      ids.set(purl, id);
      missing.delete(purl);
    }
  };
  const find = () => db.query<{ purl: string; id: number }>(sql`select purl, id from packages where purl = any(${[...missing.keys()]})`);
  take(await find());
  if (missing.size === 0) return ids;
  const given = [...missing]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([purl, entry]) => ({
      purl,
      type: entry.type,
      name: entry.name,
      version: entry.version,
      source_name: entry.source?.name ?? null,
      source_version: entry.source?.version ?? null,
    }));
  take(
    await db.query<{ purl: string; id: number }>(sql`
      insert into packages (type, name, version, purl, source_name, source_version)
      select type, name, version, purl, source_name, source_version
      from jsonb_to_recordset(${rows(given)}::jsonb)
        as g(type text, name text, version text, purl text, source_name text, source_version text)
      order by purl collate "C"
      on conflict (purl) do nothing
      returning purl, id`),
  );
  // Whoever was quicker has committed by now: the insertion waited for that.
  if (missing.size > 0) take(await find());
  return ids;
}

export interface StoredSbom {
  sbomId: number;
  /** Whether it was written now; false where there was one already and nobody asked for another. */
  fresh: boolean;
  /** It took the place of one. */
  replaced: boolean;
}

/**
 * Keeps the SBOM of an image or of a host. An image's stays once it is there, unless somebody asked for a new scan;
 * a host's takes the place of the one before. Either way an SBOM that is replaced keeps its id and is to be matched anew.
 * With neither `imageId` nor `hostId` it belongs to the image that the document names.
 * @throws InputError when the document is none, or names no image and none was given.
 */
export async function storeSbom(
  tx: Queryable,
  given: { packed: string | Buffer | ReadSbom; imageId?: string; hostId?: string; references?: readonly string[]; at?: Date },
): Promise<StoredSbom> {
  const { packed } = given;
  const unpacked = typeof packed === 'string' || Buffer.isBuffer(packed) ? await readSbom(packed) : packed;
  const read = { ...unpacked, packageIds: unpacked.packageIds ?? (await registerPackages(tx, unpacked.sbom.packages)) };
  const at = given.at ?? new Date();
  if (given.hostId !== undefined) return storeForHost(tx, read, given.hostId, at);
  const imageId = given.imageId ?? read.sbom.image.id;
  if (imageId === undefined) {
    throw new InputError('sbom-without-image', 'The SBOM does not say of which image it is: scan the image itself rather than a folder or another SBOM.');
  }
  return storeForImage(tx, read, imageId, given.references ?? [], at);
}

async function storeForImage(tx: Queryable, read: Required<ReadSbom>, imageId: string, references: readonly string[], at: Date): Promise<StoredSbom> {
  await makeImages({ tx, at, effects: noEffects() }, [bareImage(imageId, references)]);
  const image = await tx.one<{ id: number; sbom: number | null; wanted: boolean }>(sql`
    select id, sbom_id as sbom, wants_scan as wanted from images where image_id = ${imageId} for no key update`);
  const { id, sbom, wanted } = image!;
  if (references.length > 0) await rename(tx, [{ id, added: fullNames(references), dropped: [] }]);
  if (sbom !== null && !wanted) {
    await tx.run(sql`update images set leased_to = null, leased_until = null where id = ${id} and leased_to is not null`);
    return { sbomId: sbom, fresh: false, replaced: false };
  }
  const sbomId = await writeSbom(tx, read, sbom, at);
  const { image: facts, os } = read.sbom;
  const { state, reason } = outcome(read.sbom);
  await tx.run(sql`
    update images set sbom_id = ${sbomId}, scan_state = ${state}, scan_reason = ${reason}, scan_state_at = ${at},
      leased_to = null, leased_until = null, attempts = 0, wants_scan = false,
      os_name = ${os ? plain(os.prettyName) : null},
      architecture = coalesce(${facts.platform ? plain(facts.platform.architecture) : null}, architecture),
      created = coalesce(${timeOrNull(facts.created)}::timestamptz, created), size = coalesce(${bigintOrNull(facts.size)}::bigint, size),
      labels = coalesce(${facts.config?.labels ? rows([facts.config.labels]) : null}::jsonb -> 0, labels)
    where id = ${id}`);
  const layers = facts.layers.map((layer, position) => ({ position, diff_id: layer.diffId ?? null, digest: layer.digest ?? null }));
  await tx.run(sql`delete from image_layers where image_id = ${id}`);
  await tx.run(sql`
    insert into image_layers (image_id, position, diff_id, digest)
    select ${id}::int, position, diff_id, digest
    from jsonb_to_recordset(${rows(layers)}::jsonb) as g(position smallint, diff_id text, digest text)`);
  return { sbomId, fresh: true, replaced: sbom !== null };
}

async function storeForHost(tx: Queryable, read: Required<ReadSbom>, hostId: string, at: Date): Promise<StoredSbom> {
  const host = await tx.one<{ sbom: number | null }>(sql`select sbom_id as sbom from hosts where id = ${hostId} for no key update`);
  if (!host) throw new InputError('host-unknown', 'The host of this SBOM was removed.');
  const sbomId = await writeSbom(tx, read, host.sbom, at);
  const { state, reason } = outcome(read.sbom);
  await tx.run(sql`update hosts set sbom_id = ${sbomId}, scan_state = ${state}, scan_reason = ${reason} where id = ${hostId}`);
  return { sbomId, fresh: true, replaced: host.sbom !== null };
}

function outcome(sbom: Sbom): { state: 'scanned' | 'incomplete'; reason: string | null } {
  const missing = sbom.warnings.filter((warning) => warning.incomplete);
  if (missing.length === 0) return { state: 'scanned', reason: null };
  const more = missing.length > 1 ? ` (and ${missing.length - 1} more)` : '';
  return { state: 'incomplete', reason: plain(missing[0]!.message).slice(0, MAX_REASON) + more };
}

/** Writes the document and what is in it; over the SBOM `former` where there is one. Returns its id. */
async function writeSbom(tx: Queryable, { packed, sbom, packageIds }: Required<ReadSbom>, former: number | null, at: Date): Promise<number> {
  const text = (value: string | undefined) => (value === undefined ? null : plain(value));
  const { os } = sbom;
  const complete = !sbom.warnings.some((warning) => warning.incomplete);
  const values = sql`${packed}::bytea, ${at}::timestamptz, ${text(os?.id)}, ${text(os?.prettyName)}, ${text(os?.versionId)}, ${text(os?.ecosystem)},
    ${complete}, ${sbom.packages.length}::int, ${sbom.secrets.length}::int, ${sbom.posture.length}::int`;
  const row =
    former === null
      ? await tx.one<{ id: number }>(sql`
          insert into sboms (document, scanned_at, os_id, os_name, os_version, ecosystem, complete, packages, secrets, posture)
          values (${values}) returning id`)
      : await tx.one<{ id: number }>(sql`
          update sboms set (document, scanned_at, os_id, os_name, os_version, ecosystem, complete, packages, secrets, posture) = row(${values}),
            matched_at = null, matched_by = null
          where id = ${former} returning id`);
  const sbomId = row!.id;
  if (former !== null) await tx.run(sql`delete from sbom_packages where sbom_id = ${sbomId}`);
  const layers = new Map<number, number>();
  for (const { purl, layer } of sbom.packages) {
    const id = packageIds.get(plain(purl))!;
    layers.set(id, Math.min(layer, layers.get(id) ?? MAX_LAYER));
  }
  const ids = [...layers.keys()].sort((a, b) => a - b);
  await tx.run(sql`
    insert into sbom_packages (sbom_id, package_id, layer)
    select ${sbomId}::int, package_id, layer
    from unnest(${ids}::int[], ${ids.map((id) => layers.get(id)!)}::smallint[]) as g(package_id, layer)`);
  return sbomId;
}

/**
 * Has an image that was analysed, or could not be, analysed again by a sensor that has it. What is known of it stays
 * until then.
 * @returns `unknown` when there is no such image, `nowhere` when no host with it is left that could do it.
 */
export async function requestRescan(db: Queryable, imageId: string): Promise<'asked' | 'nowhere' | 'unknown'> {
  const image = await db.one<{ id: number; held: boolean }>(sql`
    select i.id, exists (select from image_hosts h where h.image_id = i.id and h.gone_at is null) as held from images i where i.image_id = ${imageId}`);
  if (!image) return 'unknown';
  if (!image.held) return 'nowhere';
  await db.run(sql`
    update images set wants_scan = true, attempts = 0, leased_to = null, leased_until = null,
      scan_state = case when sbom_id is null then 'not-scanned' else scan_state end,
      scan_reason = case when sbom_id is null then null else scan_reason end
    where id = ${image.id}`);
  return 'asked';
}

