import { InputError } from '@plimsoll/model';
import { messageBody, type MessageBody } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import type { Database, Queryable, Services } from '../context.ts';
import { unauthenticated } from '../http/problems.ts';
import type { SensorIdentity } from './credentials.ts';
import { addEvents } from './events.ts';
import { takeMessage, takeScanFailure } from './messages.ts';
import { asInputError, isAboutContent } from './refusals.ts';
import { readSbom, registerPackages, type ReadSbom } from './sboms.ts';
import { Slots } from './slots.ts';
import { announce, changed, noEffects, type Effects, type Taking } from './taking.ts';
import { believable, lostCount, plain } from './values.ts';

const MAX_REASON = 500;
/** Bytes of SBOMs, unpacked, that are held at once for one report; and how many reports are at it at once. */
const MAX_UNPACKED = 16 * 1024 * 1024;
const portions = new Slots(4);

export interface Report {
  epoch: string;
  messages: readonly { seq: number; time: string; body: { kind: string } }[];
}

/** A message with its body checked and its SBOM unpacked; or why its content cannot be taken. */
type Prepared = { seq: number; time: string; kind: string } & ({ body: MessageBody } | { body: MessageBody; read: ReadSbom } | { refused: InputError; body?: MessageBody });

/**
 * Takes a report, each message whole or not at all. Messages that were taken before are skipped, so that a sensor may send again
 * whatever it does not know to be taken. A message whose content cannot be taken is noted in the events and counts as
 * taken: it must not hold up the others for ever.
 * @returns the highest number that is taken of the sensor's epoch.
 * @throws only when the database fails; whatever was not taken then, the sensor has to send again.
 */
export async function takeReport(services: Pick<Services, 'db' | 'live' | 'queue'>, sensor: SensorIdentity, report: Report): Promise<{ acked: number }> {
  const { db } = services;
  const position = await db.one<{ epoch: string | null; acked: number }>(sql`select epoch, acked from sensors where id = ${sensor.sensorId}`);
  let acked = position?.epoch === report.epoch ? position.acked : 0;
  const waiting = inOrder(report.messages).filter((message) => message.seq > acked);
  do {
    // What was taken here is kept even if the rest fails: the sensor sends that again.
    const outcome = await portions.run(() => takePortion(db, sensor, report.epoch, waiting));
    await announce(services, outcome.effects);
    acked = outcome.acked;
  } while (waiting.length > 0);
  return { acked };
}

/** Takes messages from the front of `waiting`: all, unless their SBOMs are large when unpacked. */
async function takePortion(db: Database, sensor: SensorIdentity, epoch: string, waiting: Report['messages'][number][]): Promise<{ acked: number; effects: Effects }> {
  const messages: Prepared[] = [];
  for (let size = 0; waiting.length > 0 && size < MAX_UNPACKED; ) {
    const message = await prepare(db, waiting.shift()!);
    messages.push(message);
    size += 'read' in message ? message.read.size : 0;
  }
  try {
    return await db.transaction((tx) => takeAll(tx, sensor, epoch, messages, false));
  } catch (error) {
    if (!isAboutContent(error)) throw error;
    return db.transaction((tx) => takeAll(tx, sensor, epoch, messages, true));
  }
}

function inOrder(messages: Report['messages']): Report['messages'][number][] {
  const bySeq = new Map(messages.map((message) => [message.seq, message]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** What needs no lock is done before the transaction. */
async function prepare(db: Queryable, message: Report['messages'][number]): Promise<Prepared> {
  const { seq, time } = message;
  const kind = plain(message.body.kind).slice(0, 50);
  const parsed = messageBody.safeParse(message.body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { seq, time, kind, refused: new InputError('message-invalid', `${issue!.path.join('.') || 'the message'}: ${issue!.message}`) };
  }
  const body = parsed.data;
  if (body.kind !== 'sbom' && body.kind !== 'host-sbom') return { seq, time, kind, body };
  try {
    const read = await readSbom(body.sbom);
    const packageIds = await registerPackages(db, read.sbom.packages);
    return { seq, time, kind, body, read: { ...read, packageIds } };
  } catch (error) {
    if (!isAboutContent(error)) throw error;
    return { seq, time, kind, body, refused: asInputError(error) };
  }
}

/** With `careful`, each message in a savepoint of its own; without, the first that cannot be taken ends the whole. */
async function takeAll(tx: Queryable, sensor: SensorIdentity, epoch: string, messages: readonly Prepared[], careful: boolean): Promise<{ acked: number; effects: Effects }> {
  const effects = noEffects();
  const row = await tx.one<{ epoch: string | null; acked: number; lastSeen: Date | null; revoked: boolean }>(sql`
    select epoch, acked, last_seen as "lastSeen", revoked_at is not null as revoked from sensors where id = ${sensor.sensorId} for update`);
  if (!row || row.revoked) throw unauthenticated('The sensor was revoked while its report was taken.', 'credential-refused');
  const sameEpoch = row.epoch === epoch;
  let acked = sameEpoch ? row.acked : 0;
  if (!sameEpoch && row.epoch !== null) await noteLostSpool(tx, sensor, row.lastSeen, effects);

  for (const message of messages) {
    if (message.seq <= acked) continue;
    const at = believable(message.time);
    if (message.seq > acked + 1) await noteMissing(tx, sensor, lostCount(message.seq - acked - 1), at, effects);
    const taking: Taking = { tx, sensor, at, effects };
    const refusal = 'refused' in message ? message.refused : careful ? await attempt(taking, message) : await takeMessage(taking, message.body, readOf(message));
    if (refusal) await refuse(taking, message, refusal);
    acked = message.seq;
  }
  await addEvents(tx, effects.events);
  await tx.run(sql`
    update sensors set epoch = ${epoch}, acked = ${acked}, wants_snapshot = wants_snapshot or ${!sameEpoch && row.epoch !== null} where id = ${sensor.sensorId}`);
  return { acked, effects };
}

function readOf(message: Prepared): ReadSbom | undefined {
  return 'read' in message ? message.read : undefined;
}

/** Tries one message; what it wrote is undone when its content turns out to be unusable, and the reason is returned. */
async function attempt(taking: Taking, message: Extract<Prepared, { body: MessageBody }>): Promise<InputError | undefined> {
  const { tx, effects } = taking;
  const before = { events: effects.events.length, matches: effects.matches.length };
  await tx.run(sql`savepoint message`);
  try {
    await takeMessage(taking, message.body, readOf(message));
    await tx.run(sql`release savepoint message`);
    return undefined;
  } catch (error) {
    if (!isAboutContent(error)) throw error;
    await tx.run(sql`rollback to savepoint message`);
    effects.events.length = before.events;
    effects.matches.length = before.matches;
    return asInputError(error);
  }
}

async function refuse(taking: Taking, message: Prepared, refusal: InputError): Promise<void> {
  const { sensor, at, effects } = taking;
  const reason = plain(refusal.message).slice(0, MAX_REASON);
  effects.events.push({
    at,
    kind: 'report-refused',
    severity: 3,
    message: `A message of ${sensor.hostName} could not be taken (${message.kind}): ${reason}`,
    hostId: sensor.hostId,
    imageId: message.body?.kind === 'sbom' ? message.body.imageId : null,
    detail: { seq: message.seq, kind: message.kind, code: refusal.code },
  });
  if (message.body?.kind === 'sbom') await takeScanFailure(taking, message.body.imageId, reason);
}

async function noteMissing(tx: Queryable, sensor: SensorIdentity, count: number, at: Date, effects: Effects): Promise<void> {
  await tx.run(sql`
    insert into sensor_gaps (sensor_id, from_at, to_at, dropped, reason)
    values (${sensor.sensorId}, ${at}, ${at}, ${count}, 'Messages are missing between those that came.')`);
  effects.events.push({ at, kind: 'sensor-gap', severity: 3, message: `${count} messages of ${sensor.hostName} are missing`, hostId: sensor.hostId, detail: { dropped: count } });
  changed(effects, 'sensors', [sensor.sensorId]);
}

async function noteLostSpool(tx: Queryable, sensor: SensorIdentity, lastSeen: Date | null, effects: Effects): Promise<void> {
  await tx.run(sql`
    insert into sensor_gaps (sensor_id, from_at, to_at, reason)
    values (${sensor.sensorId}, ${lastSeen ?? new Date()}, now(), 'The sensor came with a new spool: what the old one still held is lost.')`);
  effects.events.push({ at: new Date(), kind: 'sensor-gap', severity: 3, message: `The sensor of ${sensor.hostName} came with a new spool: what the old one still held is lost`, hostId: sensor.hostId });
  changed(effects, 'sensors', [sensor.sensorId]);
}
