import { InputError } from '@plimsoll/model';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import type { CommandContext } from './commands/command.ts';

export interface ResultOutput {
  color: boolean;
  columns: number;
  write(chunk: string): void;
  /** Makes the result visible under its name. A file is never seen half-written. */
  close(): void;
  /** Leaves no result: what was there under the name stays. Does nothing after `close`. */
  abort(): void;
}

const FLUSH = 64 << 10;

/** The standard output, or a file that takes its name when it is whole. @throws InputError when it cannot be made */
export function openOutput(file: string | undefined, { stdout, env }: CommandContext): ResultOutput {
  let pending = '';
  if (file === undefined || file === '-') {
    const terminal = stdout.isTTY === true;
    return {
      color: env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : terminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
      columns: Number(env['COLUMNS']) || (stdout.columns ?? 100),
      write(chunk) {
        pending += chunk;
        if (pending.length < FLUSH) return;
        stdout.write(pending);
        pending = '';
      },
      close() {
        stdout.write(pending);
        pending = '';
      },
      abort() {
        pending = '';
      },
    };
  }
  const existing = statSync(file, { throwIfNoEntry: false });
  // A pipe or device is written to, never put aside for a file of its name.
  const direct = existing !== undefined && !existing.isFile();
  // A link stays one: what it leads to is replaced.
  const target = existing && !direct ? realpathSync(file) : file;
  const temporary = direct ? file : `${target}.${randomBytes(6).toString('hex')}.part`;
  const unwritable = (error: unknown) =>
    new InputError('output-unwritable', `the output ${file} cannot be written: ${(error as Error).message}`, { cause: error });
  let fd: number | undefined;
  try {
    fd = openSync(temporary, direct ? 'w' : 'wx', existing && !direct ? existing.mode & 0o777 : 0o666);
  } catch (error) {
    throw unwritable(error);
  }
  const closeFile = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  const remove = () => {
    if (!direct) rmSync(temporary, { force: true });
  };
  const forget = direct ? () => undefined : onEarlyEnd(remove);
  const abort = () => {
    if (fd === undefined) return;
    pending = '';
    try {
      closeFile();
    } finally {
      remove();
      forget();
    }
  };
  const flush = () => {
    // After an abort there is nothing to write to.
    if (fd === undefined) return;
    const bytes = Buffer.from(pending);
    pending = '';
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    } catch (error) {
      abort();
      throw unwritable(error);
    }
  };
  return {
    color: false,
    columns: Number(env['COLUMNS']) || 120,
    write(chunk) {
      pending += chunk;
      if (pending.length >= FLUSH) flush();
    },
    close() {
      flush();
      try {
        closeFile();
        if (!direct) renameSync(temporary, target);
      } catch (error) {
        remove();
        throw unwritable(error);
      } finally {
        forget();
      }
    },
    abort,
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Calls `action` when the process ends or is told to, until the function it gives is called. */
function onEarlyEnd(action: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    action();
    forget();
    // Without a listener the signal does what it does to any program, and the shell sees which it was.
    process.kill(process.pid, signal);
  };
  const forget = () => {
    process.off('exit', action);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', action);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return forget;
}
