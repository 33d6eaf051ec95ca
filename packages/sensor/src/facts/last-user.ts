import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { cut } from '../bounded.ts';
import type { FactSource } from './facts.ts';

/** Who logged in last. */
export const lastUser: FactSource = {
  name: 'last user',
  async collect({ root }) {
    if (root === undefined) return {};
    if (process.platform === 'linux') return { lastUser: (await lastLogin(join(root, 'var/log/wtmp')))?.user ?? null };
    if (process.platform === 'darwin') return { lastUser: await consoleUser() };
    return {};
  },
};

const USER_PROCESS = 7;
/** The newest records are at the end; so many are looked through. */
const MAX_RECORDS = 1000;

/**
 * The C structure `utmp` (utmp(5)): the type at 0, the user at 44, the time near the end. It has 384 bytes where
 * 64-bit systems keep times in 32 bits for the sake of their 32-bit programs (x86, ppc, riscv), 400 where they do
 * not (arm64, s390x).
 */
const LAYOUTS = [
  { size: 384, time: (record: DataView, little: boolean) => record.getInt32(340, little) },
  { size: 400, time: (record: DataView, little: boolean) => Number(record.getBigInt64(344, little)) },
] as const;

/** The newest login in a file of utmp records, read from its end. */
export async function lastLogin(path: string): Promise<{ user: string; time: number } | undefined> {
  let bytes: Buffer;
  let size: number;
  try {
    const file = await open(path, 'r');
    try {
      ({ size } = await file.stat());
      const layout = LAYOUTS.find((candidate) => size % candidate.size === 0 && (size % 9600 !== 0 || candidate.size === preferred()));
      if (!layout || size === 0) return undefined;
      const length = Math.min(size, MAX_RECORDS * layout.size);
      bytes = Buffer.alloc(length);
      const { bytesRead } = await file.read(bytes, 0, length, size - length);
      if (bytesRead < length) return undefined;
      return newest(bytes, layout);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** 9600 is a multiple of both sizes. */
function preferred(): number {
  return process.arch === 'arm64' || process.arch === 's390x' ? 400 : 384;
}

function newest(bytes: Buffer, layout: (typeof LAYOUTS)[number]): { user: string; time: number } | undefined {
  const little = endianness() === 'LE';
  for (let at = bytes.length - layout.size; at >= 0; at -= layout.size) {
    const record = new DataView(bytes.buffer, bytes.byteOffset + at, layout.size);
    if (record.getInt16(0, little) !== USER_PROCESS) continue;
    const name = bytes.subarray(at + 44, at + 76);
    const end = name.indexOf(0);
    const user = name.toString('utf8', 0, end < 0 ? name.length : end);
     
    if (user !== '' && !/[\u0000-\u001f]/.test(user)) return { user: cut(user, 100), time: layout.time(record, little) };
  }
  return undefined;
}

/** On macOS the console belongs to whoever sits before it. */
function consoleUser(): Promise<string | null> {
  return new Promise((done) => {
    execFile('/usr/bin/stat', ['-f', '%Su', '/dev/console'], { timeout: 2000, maxBuffer: 4096 }, (error, stdout) => done(error ? null : cut(stdout.trim(), 100) || null));
  });
}
