import { createHash, randomBytes } from 'node:crypto';
import { InputError } from '@plimsoll/model';
import type { EnrolmentToken } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Database, Queryable } from '../context.ts';
import { addEvents, type NewEvent } from './events.ts';

/** How sensors become known, and how they prove it. Of every secret only its SHA-256 is kept. */

const CREDENTIAL = /^pls_[A-Za-z0-9_-]{43}$/;
const TOKEN = /^ple_[A-Za-z0-9_-]{43}$/;
const RENEW_AFTER_DAYS = 7;
/** A sensor that was heard within this time runs: it is heard every 30 s at least. */
const LIVE = sql`interval '45 seconds'`;

function mint(prefix: 'pls_' | 'ple_'): string {
  return prefix + randomBytes(32).toString('base64url');
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function renewAfter(): string {
  return new Date(Date.now() + RENEW_AFTER_DAYS * 86_400_000).toISOString();
}

export interface SensorIdentity {
  sensorId: string;
  hostId: string;
  hostName: string;
}

/**
 * The sensor whose credential this is; undefined when it is nobody's, or was revoked or replaced. The first use of a
 * renewed credential ends the one before.
 */
export async function authenticateSensor(db: Queryable, bearer: string): Promise<SensorIdentity | undefined> {
  if (!CREDENTIAL.test(bearer)) return undefined;
  const hash = digest(bearer);
  const found = await db.one<SensorIdentity & { renewed: boolean }>(sql`
    select s.id as "sensorId", s.host_id as "hostId", h.name as "hostName", s.credential_hash <> ${hash} as renewed
    from sensors s join hosts h on h.id = s.host_id
    where (s.credential_hash = ${hash} or s.next_credential_hash = ${hash}) and s.revoked_at is null`);
  if (!found) return undefined;
  const { renewed, ...identity } = found;
  if (renewed) {
    await db.run(sql`
      update sensors set credential_hash = next_credential_hash, next_credential_hash = null, credential_issued_at = now()
      where id = ${identity.sensorId} and next_credential_hash = ${hash}`);
  }
  return identity;
}

export interface Enrolment {
  sensorId: string;
  hostId: string;
  credential: string;
  /** ISO 8601. */
  renewAfter: string;
}

/**
 * Spends one use of the token and makes a sensor for the machine. An older sensor of the same machine is revoked.
 * @throws InputError `enrolment-refused` when the token is unknown, expired or used up.
 */
export async function enrolSensor(db: Database, request: { token: string; machineId: string; name: string; version: string }): Promise<Enrolment> {
  return db.transaction(async (tx) => {
    // The row's lock makes a second use at the same time wait, and then see the count of the first.
    const token = TOKEN.test(request.token)
      ? await tx.one<{ id: string }>(sql`
          update enrolment_tokens set uses = uses + 1, used_at = now()
          where token_hash = ${digest(request.token)} and expires_at > now() and uses < max_uses
          returning id`)
      : undefined;
    if (!token) throw await refusal(tx, request.token);

    const host = await tx.one<{ id: string }>(sql`
      insert into hosts (machine_id, name) values (${request.machineId}, ${request.name})
      on conflict (machine_id) do update set name = excluded.name, last_seen = now(), gone_at = null
      returning id`);
    const hostId = host!.id;
    await tx.run(sql`update enrolment_tokens set last_host_id = ${hostId} where id = ${token.id}`);
    const heard = await tx.one<{ seconds: number }>(sql`
      select extract(epoch from now() - max(last_seen))::float8 as seconds from sensors where host_id = ${hostId} and revoked_at is null having max(last_seen) > now() - ${LIVE}`);
    await retire(tx, sql`host_id = ${hostId}`);

    const credential = mint('pls_');
    const sensor = await tx.one<{ id: string }>(sql`
      insert into sensors (host_id, credential_hash, version, last_seen)
      values (${hostId}, ${digest(credential)}, ${request.version}, now()) returning id`);
    await addEvents(tx, [
      { at: new Date(), kind: 'host-enrolled', severity: 1, message: `${request.name} has a sensor now`, hostId, detail: { version: request.version } },
      ...(heard ? [replacedLive(request.name, hostId, heard.seconds)] : []),
    ]);
    return { sensorId: sensor!.id, hostId, credential, renewAfter: renewAfter() };
  });
}

/** A machine that has two sensors, a copy of it with the same machine id, or somebody with a token who takes its place: a person has to look. */
function replacedLive(name: string, hostId: string, seconds: number): NewEvent {
  const ago = Math.max(0, Math.round(seconds));
  return { at: new Date(), kind: 'sensor-replaced', severity: 3, message: `A new sensor says it is ${name}; the one before was heard ${ago} s ago and is revoked`, hostId, detail: { heardSecondsAgo: ago } };
}

async function refusal(tx: Queryable, token: string): Promise<InputError> {
  const known = await tx.one<{ expired: boolean }>(sql`select expires_at <= now() as expired from enrolment_tokens where token_hash = ${digest(token)}`);
  const why = !known ? 'is not known' : known.expired ? 'has expired' : 'was used already';
  return new InputError('enrolment-refused', `The enrolment token ${why}: make a new one under Configuration → Sensors.`);
}

/** Takes away the credentials of the sensors that `which` selects, gives their work back and ends their absence. Returns how many. */
export async function retire(tx: Queryable, which: ReturnType<typeof sql>): Promise<number> {
  const retired = await tx.query<{ id: string }>(sql`
    update sensors set revoked_at = now(), next_credential_hash = null, analysing = null where ${which} and revoked_at is null returning id`);
  const ids = retired.map((sensor) => sensor.id);
  if (ids.length > 0) {
    await tx.run(sql`update sensor_gaps set to_at = now() where sensor_id = any(${ids}::uuid[]) and to_at is null`);
    await tx.run(sql`
      update images set leased_to = null, leased_until = null,
        scan_state = case when scan_state = 'analysing' then 'not-scanned' else scan_state end
      where leased_to = any(${ids}::uuid[])`);
  }
  return ids.length;
}

/** A new credential for a sensor; the one it has holds until this one is used. */
export async function renewCredential(db: Queryable, sensorId: string): Promise<{ credential: string; renewAfter: string }> {
  const credential = mint('pls_');
  await db.run(sql`update sensors set next_credential_hash = ${digest(credential)} where id = ${sensorId} and revoked_at is null`);
  return { credential, renewAfter: renewAfter() };
}

/** A token by which up to `maxUses` sensors can enrol within `hours`. The secret is not kept: it is returned here only. */
export async function createEnrolmentToken(
  db: Queryable,
  { createdBy, note = '', hours = 24, maxUses = 1 }: { createdBy: string; note?: string; hours?: number; maxUses?: number },
): Promise<{ token: EnrolmentToken; secret: string }> {
  const secret = mint('ple_');
  const row = await db.one<{ id: string; created: Date; expires: Date }>(sql`
    insert into enrolment_tokens (token_hash, note, created_by, expires_at, max_uses)
    values (${digest(secret)}, ${note}, ${createdBy}, now() + make_interval(hours => ${hours}::int), ${maxUses})
    returning id, created_at as created, expires_at as expires`);
  const { id, created, expires } = row!;
  return {
    token: { id, note, created: created.toISOString(), expires: expires.toISOString(), createdBy, used: null, host: null, uses: 0, maxUses },
    secret,
  };
}
