import { EXIT, InputError } from '@plimsoll/model';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArguments } from '../arguments.ts';
import { dataFolder, numberOption } from '../places.ts';
import { untilStopped } from '../signals.ts';
import { VERSION } from '../version.ts';
import type { CommandContext } from './command.ts';

const DEFAULT_PORT = 8470;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

export const help = `Usage: plimsoll server [OPTIONS]

Starts the server and its console: inventory, findings, search and dashboards. It keeps everything in an
embedded PostgreSQL, or in the one that DATABASE_URL names. Several servers may share one database.

  --host ADDRESS      address to listen on (127.0.0.1)
  --port N            port to listen on (${DEFAULT_PORT}); 0 takes a free one
  --public-url URL    the address that people and sensors use, when a proxy stands before the server
  --trust-proxy       take the caller's address from X-Forwarded-For: only behind a proxy that sets it
  --data-dir DIR      the embedded database, the key and the advisories
                      (PLIMSOLL_DATA_DIR, else /var/lib/plimsoll for root, ~/.local/share/plimsoll)
  --local-sensor      also run a sensor for this machine
  --no-jobs           answer requests only; another server does the background work
  --log-level LEVEL   ${LOG_LEVELS.join(', ')} (warn on a terminal, info otherwise)

Environment: DATABASE_URL, a PostgreSQL server to use instead of the embedded one;
PLIMSOLL_SECRET_KEY, the key that secrets are kept under, when several servers share a database.

The first start prints an address at which the first user is made. Ctrl-C stops the server in good order.
Exit codes: 0 stopped, 2 usage or input error, 3 internal error.
`;

export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values } = parseArguments(
    args,
    {
      host: { type: 'string' },
      port: { type: 'string' },
      'public-url': { type: 'string' },
      'trust-proxy': { type: 'boolean' },
      'data-dir': { type: 'string' },
      'local-sensor': { type: 'boolean' },
      'no-jobs': { type: 'boolean' },
      'log-level': { type: 'string' },
    },
    [],
  );
  if (values.help) {
    context.stdout.write(help);
    return EXIT.ok;
  }
  const began = performance.now();
  const logLevel = LOG_LEVELS.find((level) => level === (values['log-level'] ?? (context.stderr.isTTY ? 'warn' : 'info')));
  if (!logLevel) throw new InputError('option-invalid', `--log-level ${JSON.stringify(values['log-level'])} is not one of ${LOG_LEVELS.join(', ')}`);
  const consoleDir = join(context.root, 'dist', 'console');
  const databaseUrl = context.env['DATABASE_URL'];
  const dataDir = dataFolder(values['data-dir'], context.env);
  const stopped = untilStopped();

  const { defaultConfig, startServer } = await import('@plimsoll/server');
  const server = await startServer(defaultConfig({
    ...(values.host === undefined ? {} : { host: values.host }),
    port: numberOption('--port', values.port ?? String(DEFAULT_PORT), 0, 65_535),
    dataDir,
    bundledAdvisories: join(context.root, 'packages/advisories/data/snapshot.db'),
    trustProxy: values['trust-proxy'] ?? false,
    jobs: !values['no-jobs'],
    logLevel,
    version: VERSION,
    ...(databaseUrl ? { databaseUrl } : {}),
    ...(values['public-url'] === undefined ? {} : { publicUrl: webAddress(values['public-url']) }),
    ...(existsSync(join(consoleDir, 'index.html')) ? { consoleDir } : {}),
  }));
  let sensor: { stop(): Promise<void> } | undefined;
  try {
    if (values['local-sensor']) {
      const { startLocalSensor } = await import('../local-sensor.ts');
      sensor = await startLocalSensor({ server, dataDir, root: context.root, env: context.env, stderr: context.stderr });
    }
    context.stdout.write(`Plimsoll ${VERSION} answers at ${server.url} after ${((performance.now() - began) / 1000).toFixed(1)} s.\n`);
    if (server.setupUrl) context.stdout.write(`Make the first user at ${server.setupUrl}\n`);
    await stopped;
  } finally {
    await sensor?.stop();
    await server.close();
  }
  return EXIT.ok;
}

function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new InputError('option-invalid', `--public-url ${JSON.stringify(text)} is no web address; write https://plimsoll.example.org`);
  }
  return url.href.replace(/\/+$/, '');
}
