import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../context.ts';
import { testDatabase } from '../storage/testing.ts';
import { authenticateSensor, createEnrolmentToken, enrolSensor, renewCredential, retire } from './credentials.ts';
import { enrolledSensor, unique } from './ingest.fixtures.ts';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await testDatabase());
});
afterAll(() => close());

const request = (token: string, name = unique('host')) => ({ token, machineId: `machine-of-${name}`, name, version: '1.2.3' });

describe('enrolment', () => {
  it('makes a host and a sensor that can prove itself', async () => {
    const { secret, token } = await createEnrolmentToken(db, { createdBy: 'ada', note: 'web', hours: 2 });
    expect(secret).toMatch(/^ple_[\w-]{43}$/);
    expect(Date.parse(token.expires) - Date.parse(token.created)).toBe(7_200_000);
    const enrolment = await enrolSensor(db, request(secret, 'web-7'));
    expect(enrolment.credential).toMatch(/^pls_[\w-]{43}$/);
    expect(await authenticateSensor(db, enrolment.credential)).toEqual({ sensorId: enrolment.sensorId, hostId: enrolment.hostId, hostName: 'web-7' });
    expect(await db.one(sql`select kind, message from events where host_id = ${enrolment.hostId}`)).toEqual({ kind: 'host-enrolled', message: 'web-7 has a sensor now' });
  });

  it('lets one of two in that use a token for one at the same time', async () => {
    const { secret } = await createEnrolmentToken(db, { createdBy: 'ada' });
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => enrolSensor(db, request(secret))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'enrolment-refused' });
  });

  it('lets as many in as the token is for, and no one when it has expired', async () => {
    const { secret } = await createEnrolmentToken(db, { createdBy: 'ada', maxUses: 2 });
    await enrolSensor(db, request(secret));
    await enrolSensor(db, request(secret));
    await expect(enrolSensor(db, request(secret))).rejects.toThrow('was used already');
    const late = await createEnrolmentToken(db, { createdBy: 'ada' });
    await db.run(sql`update enrolment_tokens set expires_at = now() where id = ${late.token.id}`);
    await expect(enrolSensor(db, request(late.secret))).rejects.toThrow('has expired');
    await expect(enrolSensor(db, request('ple_unknown'))).rejects.toThrow('is not known');
  });

  it('replaces the older sensor of the machine, and keeps the host', async () => {
    const name = unique('host');
    const first = await enrolledSensor(db, name);
    await db.run(sql`insert into sensor_gaps (sensor_id, from_at, reason) values (${first.sensorId}, now(), 'away')`);
    const second = await enrolledSensor(db, name);
    expect(second.hostId).toBe(first.hostId);
    expect(await authenticateSensor(db, first.credential)).toBeUndefined();
    expect(await authenticateSensor(db, second.credential)).toBeDefined();
    expect(await db.query(sql`select from sensor_gaps where sensor_id = ${first.sensorId} and to_at is null`)).toEqual([]);
  });
});

describe('a sensor that takes the place of one', () => {
  const replaced = (hostId: string) => db.query(sql`select severity from events where kind = 'sensor-replaced' and host_id = ${hostId}`);

  it('that runs is told of, in case it is not the same machine', async () => {
    const name = unique('host');
    await enrolledSensor(db, name);
    const { hostId } = await enrolledSensor(db, name);
    expect(await replaced(hostId)).toEqual([{ severity: 3 }]);
  });

  it('that is gone is none to tell of', async () => {
    const name = unique('host');
    const { sensorId } = await enrolledSensor(db, name);
    await db.run(sql`update sensors set last_seen = now() - interval '2 minutes' where id = ${sensorId}`);
    const { hostId } = await enrolledSensor(db, name);
    expect(await replaced(hostId)).toEqual([]);
  });
});

describe('credentials', () => {
  it('hold until the renewed one is used, and no longer', async () => {
    const sensor = await enrolledSensor(db, unique('host'));
    await renewCredential(db, sensor.sensorId);
    const { credential } = await renewCredential(db, sensor.sensorId);
    expect(await authenticateSensor(db, sensor.credential)).toBeDefined();
    expect(await authenticateSensor(db, credential)).toBeDefined();
    expect(await authenticateSensor(db, sensor.credential)).toBeUndefined();
    expect(await authenticateSensor(db, credential)).toBeDefined();
  });

  it('end when they are revoked, the renewed one too', async () => {
    const sensor = await enrolledSensor(db, unique('host'));
    const { credential } = await renewCredential(db, sensor.sensorId);
    expect(await db.transaction((tx) => retire(tx, sql`id = ${sensor.sensorId}`))).toBe(1);
    expect(await authenticateSensor(db, sensor.credential)).toBeUndefined();
    expect(await authenticateSensor(db, credential)).toBeUndefined();
  });

  it.each(['', 'pls_', 'pls_short', "pls_' or true --", `pls_${'A'.repeat(43)}`])('are none when they are %j', async (bearer) => {
    expect(await authenticateSensor(db, bearer)).toBeUndefined();
  });

  it('are nowhere in the database as they are', async () => {
    const sensor = await enrolledSensor(db, unique('host'));
    const { secret } = await createEnrolmentToken(db, { createdBy: 'ada' });
    const stored = JSON.stringify(await db.query(sql`select to_jsonb(s) as s, null as t from sensors s union all select null, to_jsonb(t) from enrolment_tokens t`));
    for (const given of [sensor.credential, secret]) expect(stored).not.toContain(given.slice(4, 20));
  });
});
