import { InputError } from '@plimsoll/model';
import type { FastifyInstance } from 'fastify';
import { chmodSync, mkdirSync } from 'node:fs';
import { pino, type DestinationStream, type Logger } from 'pino';
import { checkKey, openSecrets } from './access/secrets.ts';
import { openSetup } from './access/setup-code.ts';
import { openAdvisories } from './advisories/index.ts';
import type { ServerConfig, Services } from './context.ts';
import { createEnrolmentToken } from './ingest/credentials.ts';
import { buildApp } from './http/app.ts';
import { baseUrl } from './http/base-url.ts';
import { JOBS } from './jobs/index.ts';
import { createQueue, startWorkers } from './jobs/queue.ts';
import { createLive } from './live/index.ts';
import { handlers } from './routes/index.ts';
import { migrate, openDatabase } from './storage/index.ts';

export interface RunningServer {
  /** Where people and sensors come to. */
  url: string;
  /** The same by way of this machine alone, past any proxy. */
  localUrl: string;
  services: Services;
  /** The console's page to make the first user, with the code in it; null once there is one. */
  setupUrl: string | null;
  /** A token that makes one sensor, good for an hour. `note` says what for. */
  enrolmentToken(note: string): Promise<string>;
  /** Finishes what runs, for at most some 10 s, and ends. Can be called twice. */
  close(): Promise<void>;
}

/** What each part may take to end. Together with the rest about 10 s. */
const PATIENCE_MS = 5000;

const REDACTED = ['authorization', 'cookie', 'password', 'token', 'secret', 'credential', 'code'];

/** One JSON object a line on standard error, so that standard output is the command's. */
export function createLog(level: ServerConfig['logLevel'], destination: DestinationStream = pino.destination({ fd: 2, sync: false })): Logger {
  const paths = REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths, censor: '…' } }, destination);
}

/**
 * Starts a server process: opens and migrates the database, and answers once it listens.
 * @throws InputError when something a person gave cannot be used; whatever was opened until then is closed.
 */
export async function startServer(given: ServerConfig): Promise<RunningServer> {
  const config = { ...given };
  const log = createLog(config.logLevel);
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await start(config, log, closers);
  } catch (error) {
    await closeAll(closers, log);
    throw error;
  }
}

async function start(config: ServerConfig, log: Logger, closers: (() => Promise<unknown>)[]): Promise<RunningServer> {
  // Others may pass through, as the embedded database does when root starts it, but not look; what is secret has a mode of its own.
  if (mkdirSync(config.dataDir, { recursive: true }) !== undefined) chmodSync(config.dataDir, 0o711);
  const secrets = openSecrets(config.dataDir);
  const db = await openDatabase({ ...(config.databaseUrl !== undefined && { databaseUrl: config.databaseUrl }), dataDir: config.dataDir, log });
  closers.push(() => db.close());
  await migrate(db);
  await checkKey(db, secrets);
  const [live, queue] = await Promise.all([
    createLive(db, log).then((opened) => (closers.push(() => opened.close()), opened)),
    createQueue(db.url, log, { patience: PATIENCE_MS }).then((opened) => (closers.push(() => opened.close()), opened)),
  ]);
  const advisories = await openAdvisories({ config, log, db, queue, live }, config.bundledAdvisories === undefined ? {} : { bundled: config.bundledAdvisories });
  closers.push(() => advisories.close());
  const services: Services = { config, log, db, queue, live, advisories, secrets };

  const app = await buildApp(services, handlers);
  closers.push(() => closeApp(app));
  const setupCode = await openSetup(db, secrets);
  await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
    throw listenFailure(error, config);
  });
  const address = app.server.address();
  if (typeof address === 'object' && address !== null) config.port = address.port;
  if (config.jobs) await startWorkers([...JOBS], services);

  const url = baseUrl(config);
  log.info({ url, database: db.kind, version: config.version }, 'listening');
  let closing: Promise<void> | undefined;
  return {
    url,
    localUrl: localUrl(config),
    services,
    enrolmentToken: async (note) => (await createEnrolmentToken(db, { createdBy: 'Plimsoll', note, hours: 1, maxUses: 1 })).secret,
    setupUrl: setupCode === null ? null : `${url}/setup#code=${setupCode}`,
    close: () => (closing ??= closeAll(closers, log)),
  };
}

/** What a person can mend of not being able to listen; anything else as it is. */
function listenFailure(error: unknown, { host, port }: ServerConfig): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const at = `${host}:${port}`;
  if (code === 'EADDRINUSE') return new InputError('address-in-use', `Another program listens at ${at} already, perhaps another Plimsoll; stop it, or take another --port.`);
  if (code === 'EACCES') return new InputError('address-refused', `This user may not listen at ${at}; take a --port above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new InputError('address-unknown', `This machine has no address ${host} to listen at; --host takes one of its own, or 0.0.0.0 for all.`);
  return error;
}

/** An address that listens to all is reached through the loopback. */
function localUrl({ host, port }: ServerConfig): string {
  const name = host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Takes no new requests and waits for those that run; then whoever still talks is cut off. */
async function closeApp(app: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), PATIENCE_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}

/** Last opened, first closed. One that fails must not keep the others open. */
async function closeAll(closers: (() => Promise<unknown>)[], log: Logger): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    await close().catch((error: unknown) => log.error({ err: error }, 'Something did not close'));
  }
  log.flush();
}
