import { compile, parse, QueryError, quoted, sortBy, type FieldTable } from '@plimsoll/query';
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../context.ts';
import { testDatabase } from '../storage/testing.ts';

/** What compiled queries find, on a table with a field of each type. */

const NOW = new Date('2026-03-10T12:00:00Z');

const TABLE: FieldTable = {
  entity: 'things',
  freeText: ['title', 'state', 'part.name', 'address'],
  fields: [
    { name: 'id', type: 'keyword', sql: 't.id', description: 'Its name in these tests' },
    { name: 'title', type: 'text', sql: 't.title', description: 'Words' },
    { name: 'state', type: 'keyword', sql: 't.state', description: 'One of few' },
    { name: 'tags', type: 'keyword', sql: 't.tags', array: true, description: 'Many' },
    { name: 'notes', type: 'text', sql: 't.tags', array: true, description: 'Many, by words' },
    { name: 'size', type: 'number', sql: 't.size', description: 'Bytes' },
    { name: 'score', type: 'number', sql: 't.score', description: 'A real' },
    { name: 'created', type: 'date', sql: 't.created', description: 'A time' },
    { name: 'docker', type: 'boolean', sql: 't.docker', description: 'Yes or no' },
    { name: 'version', type: 'version', sql: 't.version', description: 'A version' },
    { name: 'label', type: 'label', sql: 't.labels', description: 'Labels' },
    { name: 'severity', type: 'severity', sql: 't.severity', description: 'From 1 to 5' },
    { name: 'address', type: 'address', sql: 't.addresses', array: true, description: 'Addresses' },
    { name: 'gateway', type: 'address', sql: 't.gateway', description: 'One address' },
    {
      name: 'part',
      type: 'object',
      description: 'Parts',
      match: (condition) => sql`exists (select from parts p where p.thing = t.id and ${condition})`,
      fields: [
        { name: 'name', type: 'keyword', sql: 'p.name', description: 'Its name' },
        { name: 'version', type: 'version', sql: 'p.version', description: 'Its version' },
      ],
    },
  ],
};

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await testDatabase());
  await db.query(sql`create table things (
    id text primary key, title text, state text, tags text[], size bigint, score real, created timestamptz, docker boolean,
    version text, labels jsonb, severity smallint, addresses text[], gateway text)`);
  await db.query(sql`create table parts (thing text, name text, version text)`);
  await db.query(sql`insert into things values
    ('web', 'Web front-end of the shop, macOS 14', 'running', '{prod,Web,"two words"}', 100000000, 8.2, '2026-03-10T11:30:00Z', true,
      '2.17.1', '{"app": "shop", "com.docker.compose.service": "web", "50%": "a_b"}', 5, '{10.1.2.3,fe80::1}', '10.1.2.1'),
    ('db', 'PostgreSQL 16.2 on Debian GNU/Linux', 'Exited', '{prod}', 5000, 9.8, '2026-03-01T00:00:00Z', false,
      '2.9', '{"app": "Shop"}', 3, '{192.168.0.7}', 'not an address'),
    ('odd', '100% _done_ C:\\temp "quoted" it''s; drop table things; --', 'paused', '{}', 0, 0, '2025-12-31T23:59:59.5Z', false,
      '2.17.1-rc1', '{}', 1, '{"300.1.1.1",10.1.2.3/zz}', '::ffff:10.9.9.9'),
    ('none', null, null, null, null, null, null, null, null, null, null, null, null)`);
  await db.query(sql`insert into parts values
    ('web', 'log4j-core', '2.14.1'), ('web', 'openssl', '3.0.2'), ('db', 'log4j-core', '2.20.0'), ('db', 'zlib', '1.2.11')`);
});
afterAll(() => close());

async function where(condition: Sql): Promise<string> {
  const rows = await db.query<{ id: string }>(sql`select t.id from things t where ${condition} order by t.id`);
  return rows.map((row) => row.id).join(' ');
}
const find = (text: string): Promise<string> => where(compile(parse(text), TABLE, { now: NOW }));

const CASES: Record<string, Record<string, string>> = {
  'the empty query finds all': { '': 'db none odd web', '*': 'db none odd web' },
  'text, by the beginnings of words': {
    'title:web': 'web', 'title:mac': 'web', 'title:MAC': 'web', 'title:end': 'web', 'title:eb': '', 'title:os': '',
    'title:gnu': 'db', 'title:linux': 'db', 'title:16.2': 'db', 'title:6.2': '', 'title:postgre': 'db', 'title=postgre': '',
    'title:"postgre"': '', 'title:100%': 'odd', 'title:_done_': 'odd', 'title:_': 'odd', 'title:%': 'odd', 'title:C:\\\\temp': 'odd',
  },
  'text, by adjacent words': {
    'title:"web front"': 'web', 'title:"front web"': '', 'title:"the shop"': 'web', 'title:"debian gnu"': 'db', 'title:"gnu linux"': 'db',
    'title:"ebian gnu"': '', 'title:"it\'s; drop table things; --"': 'odd', 'title:"\\"quoted\\""': 'odd', 'title:"macOS 14"': 'web', 'title:"macOS 1"': '',
  },
  'text, whole and with wildcards': {
    'title:`PostgreSQL 16.2 on Debian GNU/Linux`': 'db', 'title:`postgresql 16.2 on debian gnu/linux`': '',
    'title="postgresql 16.2 ON debian gnu/linux"': 'db', 'title:post*': 'db', 'title:*sql': 'db', 'title:p?stgresql': 'db', 'title:p?stgresq': '',
    'title:*bian': 'db', 'title:web*shop': '', 'title:100\\%*': 'odd', 'title:?000': '',
  },
  'text in arrays': { 'notes:two': 'web', 'notes:"two words"': 'web', 'notes:ords': '' },
  keyword: {
    'state:running': 'web', 'state:RUNNING': 'web', 'state:exited': 'db', 'state:`exited`': '', 'state:`Exited`': 'db', 'state:run': '',
    'state:r*': 'web', 'state:*e?': 'db odd', 'state:(running or paused)': 'odd web', 'state:[running, exited]': 'db web', 'state!=running': 'db none odd',
    'state="running"': 'web',
  },
  'keywords in arrays, any of them': {
    'tags:prod': 'db web', 'tags:web': 'web', 'tags:`web`': '', 'tags:(prod and web)': 'web', 'tags:(prod and not web)': 'db', 'tags:"two words"': 'web',
    'tags:tw*': 'web', 'tags:*': 'db web', 'not tags:*': 'none odd', 'not tags:prod': 'none odd',
  },
  number: {
    'size:5000': 'db', 'size:5kB': 'db', 'size>5kb': 'web', 'size>=5000': 'db web', 'size:>5000': 'web', 'size<1': 'odd', 'size:100MB': 'web',
    'size>95MiB': 'web', 'size:[5000 .. 100MB]': 'db web', 'size:(5000 .. 100MB]': 'web', 'size:[5000 .. 100MB)': 'db', 'size:[.. 5000]': 'db odd',
    'size:(5000 ..)': 'web', 'score:8.2': 'web', 'score>=8.2': 'db web', 'score>8.2': 'db', 'score:[0, 9.8]': 'db odd', 'size:(<1 or >5000)': 'odd web',
    'size:0.5': '', 'size<0.5': 'odd', 'size>-1': 'db odd web',
  },
  date: {
    'created>now-1h': 'web', 'created>now-30m': '', 'created>=now-30m': 'web', 'created>now-30d': 'db web', 'created>now-2w': 'db web', 'created<now-1M': 'odd',
    'created>now-1y': 'db odd web', 'created<now+1d': 'db odd web', 'created:[now-7d .. now]': 'web', 'created:[ .. now-7d]': 'db odd', 'created:[now-7d .. ]': 'web',
    'created:2026-03-10': 'web', 'created:now': 'web', 'created:2026-03': 'db web', 'created:2026': 'db web', 'created:2025-12-31': 'odd', 'created>2025-12-31': 'db web',
    'created>=2025-12-31': 'db odd web', 'created<=2025-12-31': 'odd', 'created<2025-12-31': '', 'created:[2025-12-31 .. 2026-03-01]': 'db odd',
    'created:(2025-12-31 .. 2026-03-01]': 'db', 'created:[2025-12-31 .. 2026-03-01)': 'odd', 'created:2026-03-10T11:30Z': 'web',
    'created:2026-03-10T12:30:00+01:00': 'web', 'created>"2026-03-10 11:29"': 'web', 'created:[2026-03-01, 2025-12-31]': 'db odd',
  },
  boolean: { 'docker:true': 'web', 'docker:YES': 'web', 'docker:false': 'db odd', 'docker:no': 'db odd', 'not docker:true': 'db none odd', 'docker:*': 'db odd web' },
  version: {
    'version:2.17.1': 'web', 'version<2.17.1': 'db odd', 'version<2.10': 'db', 'version>=2.17.1': 'web', 'version:[2.9 .. 2.17.1)': 'db odd',
    'version:2.17*': 'odd web', 'version>2.17.0': 'odd web', 'version=2.17.1.0': 'web',
  },
  label: {
    'label:app': 'db web', 'label:"app=shop"': 'web', 'label:app=shop': 'web', 'label:app=Shop': 'db', 'label:app=*': 'db web', 'label:app=s*': 'web',
    'label:com.docker.*': 'web', 'label:com.*=we?': 'web', 'label:50%=a_b': 'web', 'label:5?%=a_*': 'web', 'label:_0%': '', 'label:a*=*': 'db web',
    'label:[app=shop, app=Shop]': 'db web', 'label:*': 'db web', 'not label:app': 'none odd',
  },
  severity: {
    'severity:5': 'web', 'severity:urgent': 'web', 'severity:"Severity 5"': 'web', 'severity:[4, 5]': 'web', 'severity:[serious .. urgent]': 'db web',
    'severity>=3': 'db web', 'severity<serious': 'odd', 'severity:(1 or 3)': 'db odd',
  },
  'addresses, whatever text stands there': {
    'address:10.1.2.3': 'web', 'address:10.0.0.0/8': 'web', 'address:10.9.9.9/8': 'web', 'address:fe80::/10': 'web', 'address:FE80:0::1': 'web',
    'address:192.168.*': 'db', 'gateway:10.1.2.1': 'web', 'gateway:[10.1.2.0 .. 10.1.2.9]': 'web', 'gateway:::ffff:10.9.9.9': 'odd',
    'not gateway:10.0.0.0/8': 'db none odd', 'gateway<11.0.0.0': 'web',
  },
  'nested objects': {
    'part.name:log4j-core': 'db web', 'part:(name:log4j-core and version<2.17.1)': 'web', 'part.name:log4j-core and part.version<2.17.1': 'db web',
    'part:(name:openssl and version<2.17.1)': '', 'part:(name:(zlib or openssl))': 'db web', 'part:(not name:log4j-core)': 'db web', 'not part:(name:zlib)': 'none odd web',
    'part:*': 'db web', 'not part:*': 'none odd', 'part:zlib': 'db', 'part:(openssl and version>=3)': 'web', 'part:(* and version<2)': 'db',
    'not part.name:*': 'none odd', 'part:(name:zlib or name:openssl)': 'db web',
  },
  'values without a field': { shop: 'web', log4j: 'db web', '"debian gnu"': 'db', running: 'web', '10.1.2.3': 'web', 'shop or zlib': 'db web', 'not shop': 'db none odd', 'po*': 'db' },
  'and, or, not': {
    'state:running state:exited': '', 'state:running or state:exited': 'db web', 'state:running OR state:exited AND severity:5': 'web',
    '(state:running or state:exited) and severity:3': 'db', 'not (state:running or state:exited)': 'none odd', 'not not state:running': 'web',
    'not state:running and not state:exited': 'none odd', 'not (state:running and severity:5)': 'db none odd', 'not title:*': 'none', 'not severity>1': 'none odd',
  },
};

describe.each(Object.entries(CASES))('%s', (_title, queries) => {
  it.each(Object.entries(queries))('%s finds: %s', async (text, ids) => {
    expect(await find(text)).toBe(ids);
  });
});

it('no value can leave its parameter', async () => {
  const values = ["'", "''", '\\', "\\' or true --", '$1', '%', '_', '[', '(', '.*', '*', '?', '{', '\\m', '\u{1F433}', "'; drop table things; --", '\u2028', '+', '^$|'];
  const escaped = (value: string): string => value.replace(/[\s\S]/g, '\\$&');
  for (const field of ['title', 'notes', 'state', 'tags', 'version', 'label', 'part.name']) {
    for (const value of values) {
      for (const term of [escaped(value), `*${escaped(value)}*`, quoted(value, '"'), quoted(value, '`')].map((form) => `${field}:${form}`)) {
        await find(term).catch((error: unknown) => {
          throw new Error(`${term}: ${String(error)}`);
        });
      }
    }
  }
  expect(await find('title:\\"quoted')).toBe('odd');
  expect(await find('')).toBe('db none odd web');
});

describe('order', () => {
  const order = async (sort: string): Promise<string> => {
    const rows = await db.query<{ id: string }>(sql`select t.id from things t order by ${sortBy(sort, TABLE)}`);
    return rows.map((row) => row.id).join(' ');
  };
  it.each([
    ['size', 'odd db web none'],
    ['-size', 'web db odd none'],
    ['state', 'db odd web none'],
    ['-created', 'web db odd none'],
    ['version', 'db odd web none'],
    ['-severity', 'web db odd none'],
  ])('by %s: %s', async (sort, ids) => {
    expect(await order(sort)).toBe(ids);
  });
  it.each(['tags', 'label', 'part', 'part.name', 'nothing', '', '-', 'id; drop table things'])('not by %s', (sort) => {
    expect(() => sortBy(sort, TABLE)).toThrow(QueryError);
  });
});

describe('the order of versions', () => {
  /** Each line is in order; versions joined by = are equal. */
  it.each([
    '1.0~rc1 1.0-alpha 1.0-alpha.1 1.0-beta 1.0-rc1 1.0-rc.2 1.0=1=v1.0=1.0.0 1.0^git1 1.0+deb1 1.0-1 1.0-2 1.0-10 1.0a 1.0b 1.0.1 1.1 1.9 1.10 2.0 10.0 1:0.5 2:0.1',
    '2.0-beta9 2.14.1 2.15.0-rc1 2.15.0 2.16.0 2.17.0 2.17.1 2.17.2 2.20.0',
    '1.0.1e 1.0.2 1.0.2a 1.0.2k-16.el7 1.0.2k-19.el7 1.1.1 3.0.2-0ubuntu1.10 3.0.2-0ubuntu1.15',
    '1.0.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0.post1',
    '1.2.3_alpha 1.2.3-r0 1.2.3-r1 1.2.3-r10 1.2.4_rc1 1.2.4',
    '5.10.218-1~deb11u1 5.10.218-1 5.10.218-1+b1 5.10.221-1',
    '2024.1 2024.02.29 2024.11.1',
    '99999999999999999998 99999999999999999999 100000000000000000000',
  ])('%s', async (line) => {
    const groups = line.split(' ').map((group) => group.split('='));
    const keys = await Promise.all(
      groups.flat().map(async (version) => (await db.one<{ key: string }>(sql`select plimsoll_version_key(${version}::text) as key`))!.key),
    );
    const ranks = groups.flatMap((group, rank) => group.map(() => rank));
    const bytes = keys.map((key) => Buffer.from(key));
    for (let i = 1; i < keys.length; i++) {
      const expected = ranks[i] === ranks[i - 1] ? 0 : -1;
      expect({ pair: groups.flat().slice(i - 1, i + 1), order: Buffer.compare(bytes[i - 1]!, bytes[i]!) }).toEqual({ pair: groups.flat().slice(i - 1, i + 1), order: expected });
    }
  });

  it.each(['', '~', 'latest', '::', '-', 'ünïcode', '\u{1F433}', '1'.repeat(300), '<none>'])('has a place for %s', async (version) => {
    expect(await db.query(sql`select plimsoll_version_key(${version}::text) collate "C" < 'z' as fits`)).toEqual([{ fits: true }]);
  });
});

it('texts that look like addresses never fail', async () => {
  const good = ['10.0.0.1', '0.0.0.0', '255.255.255.255', '10.0.0.0/8', '10.0.0.0/32', '::', '::1', '1::', 'fe80::1', '2001:db8::1:2:3', '1:2:3:4:5:6:7:8', '1::8', '1:2::7:8', '2001:db8::/32', '::ffff:1.2.3.4'];
  const bad = ['', '1', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4/33', '1.2.3.4/', '1.2.3.', '.1.2.3', '1..2.3', '1.2.3.4/08x', ':::', '1:::2', '1:2:3:4:5:6:7:8:9', '::1/129', 'fe80::1%eth0', 'g::1', '12345::', '1:2:3:4:5:6:7:8::', 'x', "' or 1=1"];
  const rows = await db.query<{ text: string; ok: boolean }>(
    sql`select text, plimsoll_inet(text) is not null as ok from unnest(array[${join([...good, ...bad])}]::text[]) as given (text)`,
  );
  const accepted = rows.filter((row) => row.ok).map((row) => row.text);
  expect(accepted.sort()).toEqual(good.sort());
});

it('an index on a field serves', async () => {
  await db.query(sql`create table many as select n as id, 'name of ' || md5(n::text) as name, n % 5 + 1 as severity, n::text || '.0' as version,
    jsonb_build_object('n', n::text) as labels from generate_series(1, 20000) as n`);
  await db.query(sql`create index on many using gin (lower(name) gin_trgm_ops)`);
  await db.query(sql`create index on many (severity)`);
  await db.query(sql`create index on many (id)`);
  await db.query(sql`create index on many using gin (labels)`);
  await db.query(sql`create index on many ((plimsoll_version_key(version) collate "C"))`);
  await db.query(sql`analyze many`);
  const table: FieldTable = {
    entity: 'many',
    freeText: ['name'],
    fields: [
      { name: 'id', type: 'number', sql: 'm.id', description: '' },
      { name: 'name', type: 'text', sql: 'm.name', description: '' },
      { name: 'severity', type: 'severity', sql: 'm.severity', description: '' },
      { name: 'version', type: 'version', sql: 'm.version', description: '' },
      { name: 'label', type: 'label', sql: 'm.labels', description: '' },
    ],
  };
  for (const text of ['name:c4ca4238', 'name:"c4ca4238a0b923820dcc509a6f75849b"', 'name:*a6f75849*', 'c4ca4238', 'id:5', 'id:[5 .. 9]', 'id<10', 'label:n=7', 'version<3', 'name:c4ca4238 and not severity:5']) {
    const plan = await db.query<{ 'QUERY PLAN': string }>(sql`${raw('explain ')}select * from many m where ${compile(parse(text), table, { now: NOW })}`);
    const lines = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect({ text, lines }).toEqual({ text, lines: expect.stringMatching(/Index Scan/) });
  }
});
