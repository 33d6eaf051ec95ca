// `npm start`: installs, builds what is stale, and starts the server on an embedded database with a
// sensor for this machine, so that its containers, images and packages are there to be seen.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

await prepare({ staleWillDo: true });
const command = join(fileURLToPath(new URL('..', import.meta.url)), 'bin', 'plimsoll.mjs');
const server = spawn(process.execPath, [command, 'server', '--local-sensor', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, PLIMSOLL_NO_BUILD: '1' },
});
// Ctrl-C reaches both: the server ends in good order, and this process after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signal === 'SIGINT' || server.kill(signal));
// A signal to npm ends npm and its shell, and does not reach this process: whose parent is then another.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || server.kill('SIGTERM'), 500).unref();
}
server.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 3)));
