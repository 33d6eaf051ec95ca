import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import sql from 'sql-template-tag';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseAccount } from './embedded/account.ts';
import { findBinaries } from './embedded/binaries.ts';
import { createCluster, startCluster } from './embedded/cluster.ts';
import type { RunningCluster } from './embedded/cluster.ts';
import { socketUrl, TEST_SETTINGS } from './embedded/settings.ts';
import { openDatabase } from './index.ts';

/** A PostgreSQL server that is not ours to start: here one that the test starts and stops. */
const log = pino({ level: 'silent' });
const scratch = mkdtempSync(join(tmpdir(), 'plimsoll-restart-'));
const directory = join(scratch, 'database');
const socketDir = join(scratch, 's');
const url = socketUrl(socketDir, 'secret', 'postgres');
let running: RunningCluster | undefined;

async function start(): Promise<void> {
  const account = databaseAccount(directory);
  running = await startCluster({ binaries: findBinaries(account, scratch), directory, socketDir, account, settings: TEST_SETTINGS, log });
}

beforeAll(async () => {
  const account = databaseAccount(directory);
  mkdirSync(socketDir);
  if (account) {
    chmodSync(scratch, 0o711);
    chownSync(socketDir, account.uid, account.gid);
  }
  await createCluster({ binaries: findBinaries(account, scratch), directory, account, log }, 'secret', false);
});
afterAll(async () => {
  await running?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test('waits for a server that comes up later, and goes on when it restarts', async () => {
  const opening = openDatabase({ databaseUrl: url, dataDir: scratch, log });
  await sleep(600);
  await start();
  const db = await opening;
  try {
    expect(db.kind).toBe('server');
    await db.run(sql`create table kept as select 1 as n`);
    const [, interrupted] = await Promise.all([
      sleep(200).then(() => running?.stop()),
      db.transaction(async (tx) => {
        await sleep(500);
        return tx.query(sql`select n from kept`);
      }),
      sleep(900).then(start),
    ]);
    expect(interrupted).toEqual([{ n: 1 }]);
    expect(await db.query(sql`select n from kept`)).toEqual([{ n: 1 }]);
  } finally {
    await db.close();
  }
});
