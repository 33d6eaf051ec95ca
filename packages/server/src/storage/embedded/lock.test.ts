import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDir } from './lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a released lock can be taken again and leaves nothing', async () => {
  const first = await lockDataDir(folder);
  await expect(lockDataDir(folder)).rejects.toMatchObject({ code: 'data-dir-in-use' });
  await first.release();
  await (await lockDataDir(folder)).release();
  expect(readdirSync(folder)).toEqual([]);
});

test('what dead servers left is cleared', async () => {
  writeFileSync(join(folder, 'server-0000000000000001.lock'), JSON.stringify({ pid: process.pid, socket: join(folder, 'gone') }));
  writeFileSync(join(folder, 'server-ffffffffffffffff.lock'), '{"pid":');
  const lock = await lockDataDir(folder);
  await lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test('however many want it at once, exactly one gets it', async () => {
  for (let round = 0; round < 30; round++) {
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => lockDataDir(folder)));
    const got = results.filter((result) => result.status === 'fulfilled');
    expect(got).toHaveLength(1);
    for (const { value } of got) await value.release();
  }
  expect(readdirSync(folder)).toEqual([]);
});
