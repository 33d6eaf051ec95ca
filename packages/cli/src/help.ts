import { InputError } from '@plimsoll/model';
import type { CommandContext } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';

/** Writes the overview, or one command's help. */
export async function writeOverview({ stdout }: CommandContext, name: string | undefined): Promise<void> {
  if (name !== undefined) {
    const command = COMMANDS.find((c) => c.name === name);
    if (!command) throw new InputError('command-unknown', `there is no command ${JSON.stringify(name)}`);
    stdout.write((await command.load()).help);
    return;
  }
  const width = Math.max(...COMMANDS.map((c) => c.name.length));
  stdout.write('Plimsoll: container security from build to runtime\n\nUsage: plimsoll COMMAND [OPTIONS]\n\n');
  for (const command of COMMANDS) stdout.write(`  ${command.name.padEnd(width)}  ${command.summary}\n`);
  stdout.write('\nplimsoll help COMMAND shows its options; plimsoll --version the release.\n');
  stdout.write('Exit codes: 0 done, 1 the threshold was exceeded, 2 usage or input error, 3 internal error.\n');
}
