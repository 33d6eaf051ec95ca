import { InputError } from '@plimsoll/model';
import type { CommandContext } from './command.ts';
import { run as scan } from './scan.ts';

export const help = `Usage: plimsoll demo [OPTIONS of scan]

Scans something real: the newest image of the local container engine or, where there is no engine,
this machine's own root file system. It is what \`npm start\` runs.
`;

export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    context.stdout.write(help);
    return 0;
  }
  const { newestEngineImage } = await import('@plimsoll/scanner');
  let image: string | undefined;
  try {
    image = await newestEngineImage(context.env);
    if (image === undefined) context.stderr.write('The local engine has no images; scanning this machine’s own root file system.\n\n');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    context.stderr.write('No container engine answers here; scanning this machine’s own root file system.\n\n');
  }
  return scan([image === undefined ? 'dir:/' : `docker:${image}`, ...args], context);
}
