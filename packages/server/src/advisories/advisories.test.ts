import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@plimsoll/model';
import sql from 'sql-template-tag';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeDatabase } from '../matching/matching.fixtures.ts';
import { testDatabase, type TestDatabase } from '../storage/testing.ts';
import { testServices, type TestServices } from '../testing/services.ts';
import { openAdvisories, type AdvisoriesOptions, type ServerAdvisories } from './advisories.ts';

let folder: string;
let older: string;
let newer: string;
let made: TestDatabase;
let opened: ServerAdvisories[];
let processes: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-server-advisories-'));
  const record = { id: 'GHSA-aaaa-aaaa-aaaa', name: 'lodash', fixed: '4.17.21' };
  older = await makeDatabase(folder, 'older', [record], '2026-01-01T00:00:00Z');
  newer = await makeDatabase(folder, 'newer', [record, { id: 'GHSA-bbbb-bbbb-bbbb', name: 'left-pad' }], '2026-01-02T00:00:00Z');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  made = await testDatabase();
  opened = [];
  processes = 0;
});
afterEach(async () => {
  for (const advisories of opened) await advisories.close();
  await made.close();
});

/** A server process with a disk of its own. */
async function start(file: string | undefined, options: AdvisoriesOptions = {}, shared?: TestServices) {
  const dataDir = mkdtempSync(join(folder, `process-${processes++}-`));
  const services = shared ? { ...shared, config: { ...shared.config, dataDir } } : testServices({ db: made.db, config: { dataDir } });
  const advisories = await openAdvisories(services, { env: { HOME: '/nonexistent', ...(file ? { PLIMSOLL_DB: file } : {}) }, bundled: '/nonexistent', ...options });
  opened.push(advisories);
  return { advisories, services, dataDir };
}
const built = (advisories: ServerAdvisories) => advisories.current()?.database.info.built;

describe('openAdvisories', () => {
  it('shares the file of the process that has one with those that have none', async () => {
    const first = await start(older);
    const second = await start(undefined);
    expect(built(second.advisories)).toBe('2026-01-01T00:00:00Z');
    expect(second.advisories.current()!.id).toBe(first.advisories.current()!.id);
    expect(second.advisories.current()!.database.advisoriesFor('npm', 'lodash')).toHaveLength(1);
  });

  it('takes in a newer local file, has it compared with the one before, and keeps that at hand', async () => {
    const first = await start(older);
    const second = await start(newer);
    const before = first.advisories.current()!.id;
    expect(second.services.sent).toEqual([
      { job: 'rematch', data: { from: before, to: second.advisories.current()!.id }, options: { key: `rematch:${second.advisories.current()!.id}` } },
    ]);
    expect(second.advisories.earlier(before)?.database.info.built).toBe('2026-01-01T00:00:00Z');
    await first.advisories.refresh();
    expect(built(first.advisories)).toBe('2026-01-02T00:00:00Z');
    expect(first.advisories.earlier(before)).toBeDefined();
  });

  it('passes over an older local file', async () => {
    await start(newer);
    expect(built((await start(older)).advisories)).toBe('2026-01-02T00:00:00Z');
  });

  it('has several processes that start at once store one', async () => {
    const all = await Promise.all([start(newer), start(newer), start(older)]);
    for (const { advisories } of all) await advisories.refresh();
    expect(new Set(all.map(({ advisories }) => built(advisories)))).toEqual(new Set(['2026-01-02T00:00:00Z']));
    expect(await made.db.query(sql`select bytes from advisory_databases where id = ${all[0]!.advisories.current()!.id}`)).toHaveLength(1);
  });

  it('goes on without a database and says why', async () => {
    const broken = join(folder, 'broken.db');
    writeFileSync(broken, 'PLIMSLDB and nothing more');
    const { advisories } = await start(broken);
    expect(advisories.current()).toBeUndefined();
    expect(advisories.state.failed).toContain('damaged');
  });

  it('hears of a newer one by the live channel', async () => {
    const first = await start(older);
    await start(newer, {}, first.services);
    await vi.waitFor(() => expect(built(first.advisories)).toBe('2026-01-02T00:00:00Z'));
  });

  it('keeps two in the database and on the disk', async () => {
    const { advisories, dataDir } = await start(older);
    for (const [name, day] of [['third', '03'], ['fourth', '04']] as const) {
      await start(await makeDatabase(folder, name, [{ id: 'GHSA-cccc-cccc-cccc', name }], `2026-01-${day}T00:00:00Z`));
      await advisories.refresh();
    }
    expect(await made.db.query(sql`select from advisory_databases`)).toHaveLength(2);
    expect(readdirSync(join(dataDir, 'advisories')).filter((name) => name.endsWith('.db'))).toHaveLength(2);
  });
});

describe('update', () => {
  it('stores what was fetched, for all processes', async () => {
    const fetchFeeds: AdvisoriesOptions['fetchFeeds'] = async ({ dir }) => {
      const file = join(folder, `${dir.length}.db`);
      copyFileSync(newer, file);
      return { file, changed: true, info: { format: 1, built: '2026-01-02T00:00:00Z', feeds: [], ecosystems: [], advisories: 2, cves: 0 } };
    };
    const first = await start(older, { fetchFeeds });
    const second = await start(undefined);
    await first.advisories.update();
    expect(built(first.advisories)).toBe('2026-01-02T00:00:00Z');
    expect(first.advisories.state).toMatchObject({ updating: false, failed: null, checkedAt: expect.any(Date) });
    await second.advisories.refresh();
    expect(built(second.advisories)).toBe('2026-01-02T00:00:00Z');
    expect(existsSync(second.advisories.current()!.file)).toBe(true);
  });

  it('keeps the former database and shows the failure everywhere when the feeds cannot be had', async () => {
    const fetchFeeds: AdvisoriesOptions['fetchFeeds'] = async () => {
      throw new InputError('feed-unreachable', 'https://example.org/all.zip: no route');
    };
    const first = await start(older, { fetchFeeds });
    const second = await start(undefined);
    await expect(first.advisories.update()).rejects.toThrow('no route');
    await second.advisories.refresh();
    for (const { advisories } of [first, second]) {
      expect(advisories.state).toMatchObject({ updating: false, failed: 'https://example.org/all.zip: no route' });
      expect(built(advisories)).toBe('2026-01-01T00:00:00Z');
    }
  });

  it('is done by one process at a time', async () => {
    let finish: (error: Error) => void = () => undefined;
    const waiting = new Promise<never>((_resolve, reject) => (finish = reject));
    // It may fail before the update gets to it.
    waiting.catch(() => undefined);
    const first = await start(older, { fetchFeeds: () => waiting });
    const second = await start(undefined);
    const running = expect(first.advisories.update()).rejects.toThrow('gone');
    await vi.waitFor(async () => {
      await second.advisories.refresh();
      expect(second.advisories.state.updating).toBe(true);
    });
    await expect(second.advisories.update()).rejects.toThrow('already');
    finish(new InputError('feed-unreachable', 'gone'));
    await running;
  });
});
