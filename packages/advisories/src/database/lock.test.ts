import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { scratchFolders } from '../feeds/feeds.fixtures.ts';
import { lockFolder } from './lock.ts';

const scratch = scratchFolders();
afterEach(() => scratch.clean());

const long = new Date(Date.now() - 3_600_000);
const holder = (pid: number, host: string) => JSON.stringify({ pid, host, token: 't' });

describe('the update lock', () => {
  it('lets one in at a time and says who is in', () => {
    const folder = join(scratch.make(), 'new');
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'update-running', message: expect.stringContaining(`process ${process.pid}`) }));
    unlock();
    expect(readdirSync(folder)).toEqual([]);
    lockFolder(folder)();
  });

  it('is taken over from a process that is gone', () => {
    const folder = scratch.make();
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(join(folder, 'update.lock'), holder(pid, hostname()));
    lockFolder(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of another host or unreadable is respected while it is touched, and taken over when not', () => {
    const folder = scratch.make();
    const file = join(folder, 'update.lock');
    for (const content of [holder(1, 'elsewhere.example'), '{', '']) {
      writeFileSync(file, content);
      expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'update-running' }));
      utimesSync(file, long, long);
      lockFolder(folder)();
      expect(existsSync(file)).toBe(false);
    }
  });

  it('is touched while it is held', async () => {
    const folder = scratch.make();
    const unlock = lockFolder(folder, 5);
    const file = join(folder, 'update.lock');
    utimesSync(file, long, long);
    await vi.waitFor(() => expect(statSync(file).mtimeMs).toBeGreaterThan(long.getTime() + 1000));
    unlock();
  });

  it('is not removed by who lost it', () => {
    const folder = scratch.make();
    const unlock = lockFolder(folder);
    const file = join(folder, 'update.lock');
    rmSync(file);
    writeFileSync(file, holder(1, 'elsewhere.example'));
    unlock();
    expect(existsSync(file)).toBe(true);
  });
});
