// One process at a time prepares the checkout. The lock is a folder that holds one empty file, named
// after the process that has it: whoever manages to make the folder, or to rename that file, has it.
import { mkdirSync, readdirSync, renameSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TOO_OLD_MS = 15 * 60_000;
/** A folder stays without a file for an instant only, unless its maker was killed just then. */
const NAMELESS_MS = 10_000;
const POLL_MS = 100;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return error.code !== 'ESRCH';
  }
}

/** What `action` gives, or undefined when it fails with one of these codes: another process was faster. */
function unless(codes, action) {
  try {
    return action();
  } catch (error) {
    if (codes.includes(error.code)) return undefined;
    throw error;
  }
}

function tryLock(folder, name) {
  const holder = unless(['EEXIST'], () => {
    mkdirSync(folder);
    return name;
  }) ?? unless(['ENOENT'], () => readdirSync(folder)[0] ?? '');
  if (holder === undefined) return false;
  if (holder === name) {
    // The folder may be gone again when this process slept since it made it.
    return unless(['ENOENT'], () => {
      writeFileSync(join(folder, name), '');
      return true;
    }) === true;
  }
  if (holder === '') {
    const since = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - since > NAMELESS_MS) unless(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => rmdirSync(folder));
    return false;
  }
  const [pid, since] = holder.split('-').map(Number);
  if (isAlive(pid) && Date.now() - since < TOO_OLD_MS) return false;
  // Of several that find it abandoned only one can rename that very file.
  return unless(['ENOENT'], () => {
    renameSync(join(folder, holder), join(folder, name));
    return true;
  }) === true;
}

/**
 * Takes the lock, waiting for whoever has it; one whose process is gone, or is 15 minutes old, is taken over.
 * @param {string} folder whose parents are made when they are missing
 * @param {{ waitMs?: number, noticeMs?: number, onWait?: () => void }} options `onWait` is called once, after `noticeMs`
 * @returns {Promise<() => void>} gives the lock back
 * @throws what the file system says other than that the lock is held; an error when the wait is over
 */
export async function takeLock(folder, { waitMs = 10 * 60_000, noticeMs = 2000, onWait } = {}) {
  mkdirSync(dirname(folder), { recursive: true });
  const started = Date.now();
  let told = false;
  let name = '';
  // The name tells since when the lock is held.
  while (!tryLock(folder, (name = `${process.pid}-${Date.now()}`))) {
    const waited = Date.now() - started;
    if (waited >= waitMs) throw new Error(`another process has held ${folder} for ${Math.round(waited / 1000)} seconds`);
    if (waited >= noticeMs && !told) {
      told = true;
      onWait?.();
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return () => {
    // Without its file the lock was taken over meanwhile, and is another's.
    unless(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => {
      unlinkSync(join(folder, name));
      rmdirSync(folder);
    });
  };
}
