import { Readable } from 'node:stream';
import type { EntityName } from '@plimsoll/model/api';
import { complete, describeFields } from '@plimsoll/query';
import type { Call, Caller, Handlers, Services } from '../context.ts';
import { countDays, countGroups } from '../entities/aggregate.ts';
import { cacheOf } from '../entities/cache.ts';
import { exported } from '../entities/export.ts';
import { countFacets, facetsNamed } from '../entities/facets.ts';
import { freshFigures } from '../entities/figures.ts';
import { find } from '../entities/find.ts';
import { entityFor, search, selection } from '../entities/index.ts';
import { order } from '../entities/search.ts';
import { knownValues } from '../entities/values.ts';
import { searchShare } from './search-share.ts';

/** Entities that are counted over all findings. */
const WITH_FIGURES: readonly EntityName[] = ['packages', 'vulnerabilities'];

async function prepared(entity: EntityName, { scope }: Caller, services: Services): Promise<void> {
  if (scope === null && WITH_FIGURES.includes(entity)) await freshFigures(services);
}

/** Answers differ by what the caller sees. */
const keyOf = (caller: { scope: string[] | null }, ...parts: unknown[]): string => JSON.stringify([caller.scope && [...caller.scope].sort(), ...parts]);

export const handlers = {
  async search({ params, query: { query, ...paging }, caller, services }) {
    await prepared(params.entity, caller, services);
    return search(searchShare(services, caller), params.entity, query, caller.scope, paging);
  },

  async facets({ params, query: { query, facets, limit }, caller, services }) {
    const selected = selection(params.entity, query, caller.scope);
    const specs = facetsNamed(selected, facets?.split(',').map((name) => name.trim()).filter((name) => name !== ''));
    await prepared(params.entity, caller, services);
    const key = keyOf(caller, 'facets', query, specs.map((spec) => spec.name), limit);
    return { facets: await cacheOf(services).get(params.entity, key, () => countFacets(searchShare(services, caller), selected, specs, limit)) };
  },

  async complete({ params, query: { query, cursor, limit }, caller, services }) {
    await prepared(params.entity, caller, services);
    const all = selection(params.entity, '', caller.scope);
    return complete({
      text: query,
      cursor: cursor ?? query.length,
      table: all.entity.table,
      limit,
      values: (_, path, prefix, most) =>
        cacheOf(services).get(params.entity, keyOf(caller, 'values', path, prefix.toLowerCase(), most), () => knownValues(searchShare(services, caller), all, path, prefix, most)),
    });
  },

  async fields({ params, caller }) {
    return { fields: describeFields(entityFor(params.entity, caller.scope).table) };
  },

  async aggregate({ params, query: { query, by, over, limit }, caller, services }) {
    const selected = selection(params.entity, query, caller.scope, { gone: over !== undefined });
    await prepared(params.entity, caller, services);
    const db = searchShare(services, caller);
    return cacheOf(services).get(params.entity, keyOf(caller, 'aggregate', query, by, over, limit), async () =>
      over === undefined ? { ...(await countGroups(db, selected, by, limit)), points: [] } : countDays(db, selected, over, by, limit),
    );
  },

  async export(call) {
    await prepared(call.params.entity, call.caller, call.services);
    return sendExport(call);
  },

  async find({ query: { text }, caller, services }) {
    await prepared('vulnerabilities', caller, services);
    return { results: await find(searchShare(services, caller), text, caller.scope) };
  },
} satisfies Partial<Handlers>;

/** Refuses a wrong query before the first byte; what fails later can only end the stream. */
function sendExport({ params, query: { query, sort, format }, caller, reply, services }: Call<'export'>) {
  const selected = selection(params.entity, query, caller.scope);
  order(selected.entity, sort);
  const day = selected.now.toISOString().slice(0, 10);
  return reply
    .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
    .header('content-disposition', `attachment; filename="plimsoll-${params.entity}-${day}.${format}"`)
    .header('cache-control', 'no-store')
    .send(Readable.from(exported(services.db, selected, sort, format)));
}
