// `npm start`: installs, builds what is stale, and scans something real: the newest image of the
// local container engine, or where there is no engine, this machine's own root file system.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

await prepare({ staleWillDo: true });
const command = join(fileURLToPath(new URL('..', import.meta.url)), 'bin', 'plimsoll.mjs');
const { status } = spawnSync(process.execPath, [command, 'demo', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, PLIMSOLL_NO_BUILD: '1' },
});
process.exit(status ?? 3);
