import { InputError } from '@plimsoll/model';
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import type { CommandContext } from './commands/command.ts';

export interface ResultOutput {
  color: boolean;
  columns: number;
  write(chunk: string): void;
  /** Makes the result visible under its name. A file is never seen half-written. */
  close(): void;
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
      },
    };
  }
  const existing = statSync(file, { throwIfNoEntry: false });
  // A pipe or device is written to, never put aside for a file of its name.
  const direct = existing !== undefined && !existing.isFile();
  // A link stays one: what it leads to is replaced.
  const target = existing && !direct ? realpathSync(file) : file;
  const temporary = direct ? file : `${target}.${process.pid}.part`;
  let fd: number;
  try {
    fd = openSync(temporary, direct ? 'w' : 'wx', existing && !direct ? existing.mode & 0o777 : 0o666);
  } catch (error) {
    throw new InputError('output-unwritable', `the output ${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
  const flush = () => {
    try {
      const bytes = Buffer.from(pending);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    } catch (error) {
      closeSync(fd);
      if (!direct) rmSync(temporary, { force: true });
      throw new InputError('output-unwritable', `the output ${file} cannot be written: ${(error as Error).message}`, { cause: error });
    }
    pending = '';
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
      closeSync(fd);
      if (!direct) renameSync(temporary, target);
    },
  };
}
