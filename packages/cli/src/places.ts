import { InputError } from '@plimsoll/model';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the server and the sensor keep what must survive: by option, by environment, by who runs it. */
export function dataFolder(option: string | undefined, env: NodeJS.ProcessEnv): string {
  const named = option ?? (env['PLIMSOLL_DATA_DIR'] || undefined);
  if (named !== undefined) return resolve(named);
  if (process.getuid?.() === 0) return '/var/lib/plimsoll';
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'plimsoll');
}

/** @throws InputError when the text is not a whole number within the bounds, both inclusive */
export function numberOption(name: string, text: string, low: number, high: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high)) throw new InputError('option-invalid', `${name} ${JSON.stringify(text)} is not a number from ${low} to ${high}`);
  return value;
}
