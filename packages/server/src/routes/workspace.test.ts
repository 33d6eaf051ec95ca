import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addUser, sessionOf, testApp, type TestApp } from '../http/testing.ts';
import { handlers } from './workspace.ts';

let test: TestApp;
let ann: Record<string, string>;
let bob: Record<string, string>;
let admin: Record<string, string>;

beforeAll(async () => {
  test = await testApp(handlers);
  const { db } = test.services;
  ann = await sessionOf(db, await addUser(db, 'reader'));
  bob = await sessionOf(db, await addUser(db, 'reader'));
  admin = await sessionOf(db, await addUser(db, 'admin'));
});
afterAll(() => test.close());

const send = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, as: Record<string, string>, payload?: object) => {
  const answer = await test.call({ method, url: `/api/v1/${url}`, ...(payload && { payload }) }, as);
  return { status: answer.statusCode, body: answer.json() };
};

const widget = { id: 'w1', kind: 'count', title: 'Worst', entity: 'images', query: 'vulnerabilities.severity:5', by: null, days: null, limit: 10, x: 0, y: 0, w: 3, h: 2 };

describe('a dashboard', () => {
  it('is its owner’s alone until it is shared, and never anybody else’s to change', async () => {
    const { body: made } = await send('POST', 'dashboards', ann, { name: 'Mine', widgets: [widget] });
    expect(made).toMatchObject({ name: 'Mine', mine: true, shared: false, owner: 'reader', widgets: [widget] });
    expect((await send('GET', 'dashboards', ann)).body.items).toEqual([made]);
    expect((await send('GET', 'dashboards', bob)).body.items).toEqual([]);

    await send('PATCH', `dashboards/${made.id}`, ann, { shared: true });
    expect((await send('GET', 'dashboards', bob)).body.items).toMatchObject([{ id: made.id, mine: false, shared: true, widgets: [widget] }]);
    for (const other of [bob, admin]) {
      expect((await send('PATCH', `dashboards/${made.id}`, other, { name: 'Theirs' })).status).toBe(404);
      expect((await send('DELETE', `dashboards/${made.id}`, other)).status).toBe(404);
    }
    const moved = { ...widget, x: 5 };
    expect((await send('PATCH', `dashboards/${made.id}`, ann, { widgets: [moved] })).body).toMatchObject({ name: 'Mine', shared: true, widgets: [moved] });
    expect((await send('DELETE', `dashboards/${made.id}`, ann)).status).toBe(200);
    expect((await send('GET', 'dashboards', bob)).body.items).toEqual([]);
  });

  it('has bounds, and so has how many there are', async () => {
    expect((await send('POST', 'dashboards', ann, { name: 'Large', widgets: Array.from({ length: 61 }, () => widget) })).status).toBe(400);
    expect((await send('POST', 'dashboards', ann, { name: 'Wide', widgets: [{ ...widget, w: 13 }] })).status).toBe(400);
    for (let i = 0; i < 100; i++) await send('POST', 'dashboards', bob, { name: `${i}` });
    expect((await send('POST', 'dashboards', bob, { name: 'One more' })).body).toMatchObject({ status: 409, code: 'too-many-dashboards' });
  });
});

describe('a saved search', () => {
  it('is its owner’s alone until it is shared', async () => {
    const { body: own } = await send('POST', 'searches', ann, { name: 'Old', entity: 'images', query: 'created<now-1y' });
    const { body: shared } = await send('POST', 'searches', ann, { name: 'Log4j', entity: 'images', query: 'software:log4j-core', shared: true });
    expect((await send('GET', 'searches', ann)).body.items.map((search: { id: string }) => search.id)).toEqual([shared.id, own.id]);
    expect((await send('GET', 'searches', bob)).body.items).toMatchObject([{ id: shared.id, mine: false, query: 'software:log4j-core' }]);
    expect((await send('DELETE', `searches/${shared.id}`, bob)).status).toBe(404);
    expect((await send('DELETE', `searches/${shared.id}`, ann)).status).toBe(200);
    expect((await send('GET', 'searches', bob)).body.items).toEqual([]);
  });
});
