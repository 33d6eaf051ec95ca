import { EXIT, InputError } from '@plimsoll/model';
import { COMMANDS } from './commands/index.ts';
import type { CommandContext } from './commands/command.ts';
import { oneLine } from './one-line.ts';
import { VERSION } from './version.ts';

/** Runs the command line and gives the process's exit code. Never throws. */
export async function main(args: readonly string[], install: { root: string }): Promise<number> {
  const context: CommandContext = {
    root: install.root,
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
  };
  const [name, ...rest] = args;
  if (name === '--version' || name === '-V' || name === 'version') {
    process.stdout.write(`plimsoll ${VERSION}\n`);
    return EXIT.ok;
  }
  // A reader that has seen enough (`| head`) ends the program quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
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
  const cause = error as NodeJS.ErrnoException;
  // What the system says of a file or address the person named is input, not a fault of the program.
  if (typeof cause.code === 'string' && /^E(?:NOENT|ACCES|PERM|ISDIR|NOTDIR|NOSPC|ROFS|MFILE|LOOP|NAMETOOLONG)$/.test(cause.code)) {
    stderr.write(`plimsoll: ${oneLine(cause.message)}\n`);
    return EXIT.input;
  }
  stderr.write(`plimsoll: internal error: ${oneLine(cause.message ?? String(error))}\n`);
  stderr.write(env['PLIMSOLL_DEBUG'] ? `${cause.stack ?? ''}\n` : 'Set PLIMSOLL_DEBUG=1 for the stack, and please report it.\n');
  return EXIT.internal;
}
