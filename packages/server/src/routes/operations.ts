import sql from 'sql-template-tag';
import type { Handlers } from '../context.ts';
import { collectFigures } from '../http/figures.ts';
import { openApiDocument } from '../http/openapi.ts';

/** How long the database may take to say that it is there. */
const READY_MS = 3000;

/** The API's document as it was made first: the same for as long as the process runs. */
let made: { version: string; text: string } | undefined;

export const handlers = {
  async health() {
    return { ok: true as const };
  },

  async ready({ reply, services: { db, advisories } }) {
    const answers = await Promise.race([
      db.one(sql`select 1`).then(() => true, () => false),
      new Promise<false>((resolve) => setTimeout(resolve, READY_MS, false).unref()),
    ]);
    if (!answers) reply.code(503);
    return { ok: answers, database: answers ? db.kind : 'unreachable', advisories: advisories.current()?.database.info.built ?? null };
  },

  async metrics({ request, reply, services }) {
    const { metrics } = request.server;
    const figures = await collectFigures(services);
    return reply.type(metrics.contentType).send(`${await metrics.metrics()}\n${await figures.metrics()}`);
  },

  async advisories({ services: { advisories } }) {
    const info = advisories.current()?.database.info;
    return {
      built: info?.built ?? null,
      feeds: (info?.feeds ?? []).map(({ name, records, asOf }) => ({ name, records, asOf: asOf ?? null })),
      updating: advisories.state.updating,
      failed: advisories.state.failed,
    };
  },

  async advisoriesUpdate({ services: { queue } }) {
    // By the queue: one process does it, and it survives that one's end.
    await queue.send('advisories-update', {}, { key: 'asked' });
    return { ok: true as const };
  },

  async openapi({ reply, services: { config } }) {
    // Anybody may ask for it, and making it takes a twentieth of a second.
    if (made?.version !== config.version) made = { version: config.version, text: JSON.stringify(openApiDocument(config.version)) };
    return reply.type('application/json; charset=utf-8').send(made.text);
  },
} satisfies Partial<Handlers>;
