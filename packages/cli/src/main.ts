import { EXIT, InputError } from '@plimsoll/model';
import { COMMANDS } from './commands/index.ts';
import type { CommandContext } from './commands/command.ts';
import { oneLine } from './one-line.ts';
import { guard } from './streams.ts';
import { VERSION } from './version.ts';

/**
 * Runs the command line and gives the process's exit code. Never throws. A reader that has seen enough
 * (`| head`) changes nothing about the code; a result that cannot be written for another reason gives 2.
 */
export async function main(args: readonly string[], install: { root: string }): Promise<number> {
  const stdout = guard(process.stdout);
  // What cannot be said on the standard error can be said nowhere.
  const stderr = guard(process.stderr);
  const context: CommandContext = { root: install.root, env: process.env, stdout, stderr };
  const lost = (error: unknown) => process.exit(fail(error, context));
  process.on('uncaughtException', lost);
  process.on('unhandledRejection', lost);

  const code = await dispatch(args, context);
  await stdout.settle();
  const failure = stdout.failure();
  if (!failure) return code;
  stderr.write(`plimsoll: the standard output cannot be written: ${oneLine(failure.message)}\n`);
  return code === EXIT.internal ? code : EXIT.input;
}

async function dispatch(args: readonly string[], context: CommandContext): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-V' || name === 'version') {
    context.stdout.write(`plimsoll ${VERSION}\n`);
    return EXIT.ok;
  }
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      const { writeOverview } = await import('./help.ts');
      await writeOverview(context, rest[0]);
      return name === undefined ? EXIT.input : EXIT.ok;
    }
    const command = COMMANDS.find((c) => c.name === name);
    if (!command) {
      throw new InputError('command-unknown', `there is no command ${JSON.stringify(name)}; there are: ${COMMANDS.map((c) => c.name).join(', ')}`);
    }
    const { run } = await command.load();
    return await run(rest, context);
  } catch (error) {
    return fail(error, context);
  }
}

function fail(error: unknown, { stderr, env }: CommandContext): number {
  if (error instanceof InputError) {
    stderr.write(`plimsoll: ${oneLine(error.message)}\n`);
    return EXIT.input;
  }
  const cause = (error instanceof Error ? error : new Error(String(error))) as NodeJS.ErrnoException;
  // What the system says of a file or address the person named is input, not a fault of the program.
  if (typeof cause.code === 'string' && /^E(?:NOENT|ACCES|PERM|ISDIR|NOTDIR|NOSPC|ROFS|MFILE|LOOP|NAMETOOLONG)$/.test(cause.code)) {
    stderr.write(`plimsoll: ${oneLine(cause.message)}\n`);
    return EXIT.input;
  }
  stderr.write(`plimsoll: internal error: ${oneLine(cause.message)}\n`);
  stderr.write(env['PLIMSOLL_DEBUG'] ? `${cause.stack ?? ''}\n` : 'Set PLIMSOLL_DEBUG=1 for the stack, and please report it.\n');
  return EXIT.internal;
}
