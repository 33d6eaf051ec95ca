import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closedTo, databaseAccount } from './account.ts';
import { findBinaries, usable } from './binaries.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-binaries-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As npm unpacks the package when it runs no install scripts. */
function unpacked(): { native: string; links: string[] } {
  const { directory } = findBinaries(undefined, folder);
  const native = join(folder, 'package', 'native');
  mkdirSync(join(native, 'bin'), { recursive: true });
  mkdirSync(join(native, 'lib'));
  cpSync(join(directory, 'pg-symlinks.json'), join(native, 'pg-symlinks.json'));
  writeFileSync(join(native, 'bin', 'postgres'), '', { mode: 0o755 });
  const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const { source } of list) writeFileSync(join(native, '..', source), 'library');
  return { native, links: list.map(({ target }) => join(native, '..', target)) };
}

test('the libraries’ other names are made where npm did not, and only those that lack', () => {
  const { native, links } = unpacked();
  expect(usable(native, join(folder, 'copy'), undefined)).toBe(native);
  for (const link of links) expect(readFileSync(link, 'utf8')).toBe('library');
  unlinkSync(links[0] ?? '');
  expect(usable(native, join(folder, 'copy'), undefined)).toBe(native);
  for (const link of links) expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(existsSync(join(folder, 'copy'))).toBe(false);
});

test('where the package is closed to the database’s user, a complete copy is used', () => {
  const { native, links } = unpacked();
  chmodSync(join(folder, 'package'), 0o700);
  chmodSync(folder, 0o711);
  const stranger = { name: 'stranger', uid: 61_234, gid: 61_234 };
  const copy = usable(native, join(folder, 'copy'), stranger);
  expect(copy).toBe(join(folder, 'copy', 'native'));
  for (const link of links) expect(readFileSync(link.replace(join(folder, 'package'), join(folder, 'copy')), 'utf8')).toBe('library');
  expect(usable(native, join(folder, 'copy'), stranger)).toBe(copy);
});

test('tells the first folder that an account may not pass through', () => {
  const open = join(folder, 'open');
  const closed = join(open, 'closed');
  mkdirSync(join(closed, 'data'), { recursive: true });
  chmodSync(folder, 0o711);
  chmodSync(closed, 0o750);
  expect(closedTo({ name: 'x', uid: 61_234, gid: 61_234 }, join(closed, 'data', 'not', 'there'))).toBe(closed);
  expect(closedTo({ name: 'x', uid: 61_234, gid: lstatSync(closed).gid }, join(closed, 'data'))).toBeUndefined();
});

test.skipIf(process.getuid?.() !== 0)('as root an ordinary account is chosen, and told when there is none (skipped: needs root)', () => {
  const passwd = join(folder, 'passwd');
  writeFileSync(passwd, 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nplimsoll:x:0:0::/:/bin/sh\n');
  expect(databaseAccount(join(folder, 'database'), passwd)).toEqual({ name: 'nobody', uid: 65_534, gid: 65_534 });
  writeFileSync(passwd, 'root:x:0:0::/root:/bin/sh\n');
  expect(() => databaseAccount(join(folder, 'database'), passwd)).toThrow(/DATABASE_URL/);
});
