import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { readPostmasterFile } from './cluster.ts';

/**
 * After a server that was killed: its database may still be shutting down, or still run, or have left its note.
 * Only with the data folder's lock in hand: then no database over it may run but ours.
 */
export async function clearOrphan(directory: string, log: Logger): Promise<void> {
  const file = readPostmasterFile(directory);
  if (!file) return;
  for (const [signal, ms] of [['SIGINT', 30_000], ['SIGQUIT', 10_000], ['SIGKILL', 5_000]] as const) {
    if (!isDatabaseOf(file.pid, directory)) break;
    log.warn({ pid: file.pid, signal }, 'Stopping the database that a killed server left running');
    try {
      process.kill(file.pid, signal);
    } catch {
      break;
    }
    for (const until = Date.now() + ms; Date.now() < until && isDatabaseOf(file.pid, directory); ) await sleep(20);
  }
  // Its process is gone. The id in the note may be another process's by now, which the database would take for itself.
  rmSync(join(directory, 'postmaster.pid'), { force: true });
}

/** A process that ended but was not collected yet has no command line any more. */
function isDatabaseOf(pid: number, directory: string): boolean {
  return commandLine(pid).includes(directory);
}

function commandLine(pid: number): string[] {
  if (existsSync('/proc/self/cmdline')) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    } catch {
      return [];
    }
  }
  try {
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(' ');
  } catch {
    return [];
  }
}
