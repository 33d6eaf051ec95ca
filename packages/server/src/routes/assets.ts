import type { ContainerRow, HostDetail, ImageDetail } from '@plimsoll/model/api';
import { formatNamed } from '@plimsoll/report';
import { Readable } from 'node:stream';
import sql, { raw } from 'sql-template-tag';
import type { Caller, Handlers, Queryable, Services } from '../context.ts';
import { relations, rowById, rowsByIds, visibility } from '../entities/index.ts';
import { conflict, notFound, type HttpProblem } from '../http/problems.ts';
import { asInputError, isAboutContent } from '../ingest/refusals.ts';
import { readSbom, registerPackages, requestRescan, storeSbom } from '../ingest/sboms.ts';
import { countFindings, judgeDocument, matchSboms, removeOrphans } from '../matching/index.ts';
import { documentOf, reportOf } from '../matching/report.ts';
import { changesOf } from '../matching/views/changes.ts';
import { coverageView } from '../matching/views/coverage.ts';
import { none, sbomView } from '../matching/views/sbom.ts';
import { vulnerabilityDetail } from '../matching/views/vulnerability.ts';

/** Containers on the page of an image or host; the containers' own page has all. */
const MOST_CONTAINERS = 500;

async function imageRowOf(db: Queryable, id: string, caller: Caller) {
  const image = await rowById(db, 'images', id, caller);
  if (!image) throw notFound(`The image ${id}`);
  const own = await db.one<{ id: number; sbom: number | null; labels: Record<string, string> }>(sql`select id, sbom_id as sbom, labels from images where image_id = ${id}`);
  if (!own) throw notFound(`The image ${id}`);
  return { image, own };
}

async function hostRowOf(db: Queryable, id: string, caller: Caller) {
  const host = await rowById(db, 'hosts', id, caller);
  if (!host) throw notFound(`The host ${id}`);
  const own = await db.one<HostOwn>(sql`
    select sbom_id as sbom, account, instance, instance_type as "instanceType", last_user as "lastUser", os_version as "osVersion", machine_id as "machineId",
      cluster, node, note, booted_at as "bootedAt",
      (select version from sensors where host_id = hosts.id order by revoked_at nulls first, enrolled_at desc limit 1) as "sensorVersion"
    from hosts where id = ${id}`);
  if (!own) throw notFound(`The host ${id}`);
  return { host, own };
}
type HostOwn = { sbom: number | null } & Omit<HostDetail['facts'], 'bootedAt'> & { bootedAt: Date | null };

/** Containers that exist, running ones first. */
async function containersWhere(db: Services['db'], caller: Caller, where: ReturnType<typeof sql>): Promise<ContainerRow[]> {
  const rows = await db.query<{ container_id: string }>(sql`
    select container_id from containers where gone_at is null and ${where} order by state <> 'running', started desc nulls last, id limit ${MOST_CONTAINERS}`);
  return rowsByIds(db, 'containers', rows.map((row) => row.container_id), caller);
}

function hostsOf(db: Queryable, image: number, { scope }: Caller) {
  return db.query<{ id: string; name: string; containers: number; present: boolean; lastSeen: Date }>(sql`
    ${relations(scope)} held as (
      select host_id, gone_at is null as present, last_seen from image_hosts where image_id = ${image}
      union all
      select distinct c.host_id, false, c.last_seen from containers c where c.image_id = ${image} and c.gone_at is null
        and not exists (select from image_hosts ih where ih.image_id = ${image} and ih.host_id = c.host_id)
    )
    select h.id, h.name, (select count(*)::int from containers c where c.host_id = h.id and c.image_id = ${image} and c.gone_at is null) as containers,
      bool_or(held.present) as present, max(held.last_seen) as "lastSeen"
    from held join hosts h on h.id = held.host_id
    where ${raw(visibility(scope !== null).host('h.id'))} group by h.id, h.name order by h.name limit 1000`);
}

export const handlers = {
  async image({ params: { id }, caller, services }) {
    const { db } = services;
    const { image, own } = await imageRowOf(db, id, caller);
    const sbom = own.sbom === null ? undefined : await documentOf(db, own.sbom);
    const { config, platform } = sbom?.image ?? {};
    return {
      image,
      platform: platform ? [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/') : null,
      labels: own.labels,
      config: config ? configView(config) : null,
      hosts: (await hostsOf(db, own.id, caller)).map((host) => ({ ...host, lastSeen: host.lastSeen.toISOString() })),
      containers: await containersWhere(db, caller, sql`image_id = ${own.id}`),
      coverage: await coverageView(services, image.scanState, own.sbom, sbom),
    };
  },

  async imageSbom({ params: { id }, caller, services }) {
    const { own } = await imageRowOf(services.db, id, caller);
    return { sbom: own.sbom === null ? null : await sbomView(services, own.sbom) };
  },

  async imageChanges({ params: { id }, query, caller, services: { db } }) {
    const { own } = await imageRowOf(db, id, caller);
    return changesOf(db, own.sbom, query);
  },

  async imageDownload({ params: { id, format }, caller, services, reply }) {
    const { own } = await imageRowOf(services.db, id, caller);
    const report = own.sbom === null ? undefined : await reportOf(services, own.sbom);
    const entry = formatNamed(format);
    if (!report || !entry) throw notFound(`An SBOM of the image ${id}`);
    const chunks: string[] = [];
    (await entry.load()).write(report, (chunk) => chunks.push(chunk), {});
    return reply
      .type(entry.mediaType)
      .header('content-disposition', `attachment; filename="${id.replace(/[^0-9A-Za-z]+/g, '-').slice(0, 40)}.${format}.json"`)
      .send(Readable.from(chunks));
  },

  async imageRescan({ params: { id }, caller, services: { db, live } }) {
    await imageRowOf(db, id, caller);
    const outcome = await requestRescan(db, id);
    if (outcome === 'unknown') throw notFound(`The image ${id}`);
    if (outcome === 'nowhere') throw conflict('No host has this image any more, so no sensor can analyse it. Pull it on one, or submit an SBOM.', 'image-nowhere');
    live.publish({ topic: 'images', ids: [id] });
    return { ok: true as const };
  },

  async host({ params: { id }, caller, services }) {
    const { db } = services;
    const { host, own } = await hostRowOf(db, id, caller);
    const { sbom, bootedAt, ...facts } = own;
    const atRisk = await db.one<HostDetail['atRisk']>(sql`
      select coalesce(sum(s1), 0)::int as "1", coalesce(sum(s2), 0)::int as "2", coalesce(sum(s3), 0)::int as "3", coalesce(sum(s4), 0)::int as "4",
        coalesce(sum(s5), 0)::int as "5", coalesce(sum(fixable), 0)::int as fixable, coalesce(sum(kev), 0)::int as kev
      from sboms where id in (
        select i.sbom_id from containers c join images i on i.id = c.image_id where c.host_id = ${id} and c.gone_at is null and c.state = 'running')`);
    return {
      host,
      facts: { ...facts, bootedAt: bootedAt?.toISOString() ?? null },
      atRisk: atRisk ?? none(),
      containers: await containersWhere(db, caller, sql`host_id = ${id}`),
      coverage: await coverageView(services, host.scanState, sbom, sbom === null ? undefined : await documentOf(db, sbom)),
    };
  },

  async hostSbom({ params: { id }, caller, services }) {
    const { own } = await hostRowOf(services.db, id, caller);
    return { sbom: own.sbom === null ? null : await sbomView(services, own.sbom) };
  },

  async hostChanges({ params: { id }, query, caller, services: { db } }) {
    const { own } = await hostRowOf(db, id, caller);
    return changesOf(db, own.sbom, query);
  },

  async hostDelete({ params: { id }, caller, request, services: { db, live } }) {
    const { host } = await hostRowOf(db, id, caller);
    request.auditNote = { subject: `${host.name} ${id}` };
    await db.transaction(async (tx) => {
      await tx.run(sql`delete from taggings where entity = 'hosts' and asset = ${id}`);
      // Its sensors go with it: what they send is refused from now on.
      await tx.run(sql`
        update images i set gone_at = now() where gone_at is null
          and exists (select from image_hosts h where h.image_id = i.id and h.host_id = ${id} and h.gone_at is null)
          and not exists (select from image_hosts h where h.image_id = i.id and h.host_id <> ${id} and h.gone_at is null)`);
      await tx.run(sql`delete from hosts where id = ${id}`);
    });
    await removeOrphans(db);
    for (const topic of ['hosts', 'images', 'containers', 'sensors'] as const) live.publish({ topic });
    return { ok: true as const };
  },

  async container({ params: { id }, caller, services: { db } }) {
    const container = await rowById(db, 'containers', id, caller);
    const own = await db.one<ContainerOwn>(sql`
      select command, labels, mounts, capabilities, network_mode as "networkMode", pid, exit_code as "exitCode", finished, node from containers where container_id = ${id}`);
    if (!container || !own) throw notFound(`The container ${id}`);
    const image = container.imageId === null ? undefined : await rowById(db, 'images', container.imageId, caller);
    return { container, ...own, finished: own.finished?.toISOString() ?? null, image: image ?? null };
  },

  async vulnerability({ params: { id }, caller, services }) {
    const detail = await vulnerabilityDetail(services, id, caller);
    if (!detail) throw notFound(`The vulnerability ${id}`);
    return detail;
  },

  async submitSbom({ body: { sbom, references }, caller, request, services }) {
    const { db, live } = services;
    const read = await readSbom(sbom);
    const own = read.sbom.image.id;
    if (caller.scope !== null && own !== undefined && (await isHidden(db, own, caller))) return judgeAlone(services, own, read.packed);
    const { sbomId } = await asContent(async () => {
      await registerPackages(db, read.sbom.packages);
      return db.transaction((tx) => storeSbom(tx, { packed: read, references }));
    });
    await matchSboms(services, { sbomIds: [sbomId] });
    const row = await db.one<{ image_id: string; matched: boolean; counts: ReturnType<typeof none> }>(sql`
      select i.image_id, s.matched_at is not null as matched,
        jsonb_build_object('1', s1, '2', s2, '3', s3, '4', s4, '5', s5, 'fixable', fixable, 'kev', kev) as counts
      from sboms s join images i on i.sbom_id = s.id where s.id = ${sbomId} limit 1`);
    if (!row?.matched) throw notJudged('The SBOM is kept, but');
    request.auditNote = { subject: row.image_id };
    live.publish({ topic: 'images', ids: [row.image_id] });
    return { imageId: row.image_id, vulnerabilities: row.counts };
  },
} satisfies Partial<Handlers>;

/** There is such an image, and the caller may not see it. */
async function isHidden(db: Queryable, id: string, caller: Caller): Promise<boolean> {
  const there = await db.one(sql`select from images where image_id = ${id}`);
  return there !== undefined && !(await rowById(db, 'images', id, caller));
}

/** What is told of an image that the caller may not see: what he brought himself, judged and not kept. */
async function judgeAlone({ advisories }: Services, imageId: string, packed: Buffer) {
  await advisories.refresh?.();
  const current = advisories.current();
  if (!current) throw notJudged('The SBOM cannot be judged:');
  return { imageId, vulnerabilities: countFindings((await judgeDocument(packed, current)).findings) };
}

function notJudged(what: string): HttpProblem {
  return conflict(`${what} there is no advisory database to judge it by. Update the advisories, then look at the image.`, 'not-judged');
}

/** What the database will not hold of a document is the document's fault. */
async function asContent<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isAboutContent(error) ? asInputError(error) : error;
  }
}

interface ContainerOwn {
  command: string[];
  labels: Record<string, string>;
  mounts: { source: string; destination: string; mode: string }[];
  capabilities: string[];
  networkMode: string | null;
  pid: number | null;
  exitCode: number | null;
  finished: Date | null;
  node: string | null;
}

type Config = NonNullable<NonNullable<Awaited<ReturnType<typeof documentOf>>>['image']['config']>;

function configView(config: Config): NonNullable<ImageDetail['config']> {
  return {
    user: config.user ?? null,
    entrypoint: config.entrypoint ?? [],
    cmd: config.cmd ?? [],
    // Values may be secrets.
    env: (config.env ?? []).map((entry) => entry.split('=', 1)[0]!),
    ports: config.exposedPorts ?? [],
    volumes: config.volumes ?? [],
    workingDir: config.workingDir ?? null,
  };
}
