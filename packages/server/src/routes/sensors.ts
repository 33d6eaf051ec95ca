import sql from 'sql-template-tag';
import type { Handlers } from '../context.ts';
import { notFound } from '../http/problems.ts';
import { AWAY_AFTER } from '../ingest/away.ts';
import { sensorCommands, serverAddress } from '../ingest/commands.ts';
import { createEnrolmentToken, retire } from '../ingest/credentials.ts';

interface SensorRow {
  id: string;
  hostId: string;
  host: string;
  version: string | null;
  state: 'live' | 'away' | 'revoked';
  enrolled: Date;
  lastSeen: Date | null;
  credentialIssued: Date;
  spooled: number;
  dropped: number;
  awayMinutes: number;
  analysing: string | null;
  features: string[];
}

interface TokenRow {
  id: string;
  note: string;
  created: Date;
  expires: Date;
  createdBy: string;
  used: Date | null;
  host: string | null;
  uses: number;
  maxUses: number;
}

/** Revoked and used-up ones are shown for this long. */
const KEPT = sql`interval '30 days'`;

/** Sensors and enrolment tokens, as people manage them. */
export const handlers = {
  async sensors({ caller, services: { db } }) {
    const inScope = caller.scope === null ? sql`true` : sql`h.tags && ${caller.scope}::text[]`;
    const sensors = await db.query<SensorRow>(sql`
      select s.id, s.host_id as "hostId", h.name as host, s.version,
        case when s.revoked_at is not null then 'revoked' when s.last_seen > now() - ${AWAY_AFTER} then 'live' else 'away' end as state,
        s.enrolled_at as enrolled, s.last_seen as "lastSeen", s.credential_issued_at as "credentialIssued", s.spooled, s.dropped,
        coalesce((
          select round(sum(extract(epoch from upper(span) - lower(span))) / 60)
          from unnest((
            select range_agg(tstzrange(greatest(g.from_at, now() - interval '7 days'), least(coalesce(g.to_at, now()), now())))
            from sensor_gaps g
            where g.sensor_id = s.id and coalesce(g.to_at, now()) > now() - interval '7 days' and g.from_at < least(coalesce(g.to_at, now()), now())
          )) as span), 0)::int as "awayMinutes",
        s.analysing, s.features
      from sensors s join hosts h on h.id = s.host_id
      where (s.revoked_at is null or s.revoked_at > now() - ${KEPT}) and ${inScope}
      order by s.revoked_at is not null, lower(h.name), s.enrolled_at desc`);
    return {
      items: sensors.map((sensor) => ({
        ...sensor,
        enrolled: sensor.enrolled.toISOString(),
        lastSeen: sensor.lastSeen?.toISOString() ?? null,
        credentialIssued: sensor.credentialIssued.toISOString(),
      })),
    };
  },

  async sensorRevoke({ params, services: { db, live } }) {
    const revoked = await db.transaction((tx) => retire(tx, sql`id = ${params.id}`));
    if (revoked === 0) throw notFound(`A sensor ${params.id} that could be revoked`);
    live.publish({ topic: 'sensors', ids: [params.id] });
    return { ok: true as const };
  },

  async enrolmentTokens({ services: { db } }) {
    const tokens = await db.query<TokenRow>(sql`
      select t.id, t.note, t.created_at as created, t.expires_at as expires, t.created_by as "createdBy", t.used_at as used,
        h.name as host, t.uses, t.max_uses as "maxUses"
      from enrolment_tokens t left join hosts h on h.id = t.last_host_id
      where greatest(t.expires_at, t.used_at) > now() - ${KEPT}
      order by t.created_at desc`);
    return {
      items: tokens.map((token) => ({
        ...token,
        created: token.created.toISOString(),
        expires: token.expires.toISOString(),
        used: token.used?.toISOString() ?? null,
      })),
    };
  },

  async enrolmentTokenCreate({ body, caller, request, services: { db, config } }) {
    const { token, secret } = await createEnrolmentToken(db, { createdBy: caller.name, ...body });
    return { token, secret, commands: sensorCommands(serverAddress(config, request), secret, config.version) };
  },

  async enrolmentTokenDelete({ params, services: { db } }) {
    const deleted = await db.run(sql`delete from enrolment_tokens where id = ${params.id}`);
    if (deleted === 0) throw notFound(`An enrolment token ${params.id}`);
    return { ok: true as const };
  },
} satisfies Partial<Handlers>;
