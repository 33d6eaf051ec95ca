import sql from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addUser, sessionOf, testApp, tokenOf, type TestApp } from '../http/testing.ts';
import { handlers } from './index.ts';

let test: TestApp;
let url: string;
let admin: Record<string, string>;

beforeAll(async () => {
  test = await testApp(handlers);
  url = await test.app.listen({ host: '127.0.0.1', port: 0 });
  admin = await sessionOf(test.services.db, await addUser(test.services.db, 'admin'));
});
afterAll(() => test.close());

/** Opens a stream; `ended` waits for its end and `told` for the next change. */
async function open(headers: Record<string, string>) {
  const response = await fetch(`${url}/api/v1/live`, { headers });
  expect(response.status).toBe(200);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (found: () => boolean): Promise<string> => {
    while (!found()) {
      const { value, done } = await reader.read();
      if (done) return `${text}END`;
      text += value;
    }
    return text;
  };
  await until(() => text.includes('retry'));
  return { ended: () => until(() => false), told: () => until(() => text.includes('data: ')), close: () => reader.cancel() };
}

const change = (method: 'PATCH' | 'DELETE', path: string, payload?: object, as = admin) =>
  test.call({ method, url: `/api/v1/${path}`, ...(payload && { payload }) }, { ...as, ...(payload && { 'content-type': 'application/json' }) });

describe('a stream of changes ends with its caller’s access', () => {
  it('when the user is disabled, gets another scope, or is removed', async () => {
    const { db } = test.services;
    for (const end of [(id: string) => change('PATCH', `users/${id}`, { disabled: true }), (id: string) => change('PATCH', `users/${id}`, { scope: ['shop'] }), (id: string) => change('DELETE', `users/${id}`)]) {
      const id = await addUser(db, 'reader');
      const bySession = await open(await sessionOf(db, id));
      const byToken = await open(await tokenOf(db, id, 'reader'));
      expect((await end(id)).statusCode).toBe(200);
      expect(await bySession.ended()).toMatch(/END$/);
      expect(await byToken.ended()).toMatch(/END$/);
    }
  });

  it('when the token is revoked, and no other', async () => {
    const { db } = test.services;
    const owner = await addUser(db, 'reader');
    const [one, other] = [await open(await tokenOf(db, owner, 'reader')), await open(await tokenOf(db, owner, 'reader', { scope: ['shop'] }))];
    const { id } = (await db.one<{ id: string }>(sql`select id from api_tokens where owner_id = ${owner} and scope is null`))!;
    expect((await change('DELETE', `tokens/${id}`)).statusCode).toBe(200);
    expect(await one.ended()).toMatch(/END$/);
    test.services.live.publish({ topic: 'hosts' });
    expect(await other.told()).toContain('"topic":"hosts"');
    await other.close();
  });

  it('when its session signs out, and no other', async () => {
    const { db } = test.services;
    const user = await addUser(db, 'reader');
    const [first, second] = [await sessionOf(db, user), await sessionOf(db, user)];
    const [one, other] = [await open(first), await open(second)];
    expect((await change('DELETE', 'session', undefined, first)).statusCode).toBe(200);
    expect(await one.ended()).toMatch(/END$/);
    test.services.live.publish({ topic: 'hosts' });
    expect(await other.told()).toContain('"topic":"hosts"');
    await other.close();
  });
});
