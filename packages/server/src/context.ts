import type { AdvisoryDatabase } from '@plimsoll/model';
import type { Given, Parsed, Permission, Role, ROUTES, RouteName, RouteSpec } from '@plimsoll/model/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Sql } from 'sql-template-tag';

/** The contracts between the server's folders. Each folder implements one; `server.ts` puts them together. */

/** What a statement can be sent to: the pool, or one transaction. */
export interface Queryable {
  /** All rows. Statements are `sql` templates: values are always parameters. */
  query<Row extends object>(statement: Sql): Promise<Row[]>;
  /** The first row. */
  one<Row extends object>(statement: Sql): Promise<Row | undefined>;
  /** How many rows a statement changed. */
  run(statement: Sql): Promise<number>;
}

export interface Database extends Queryable {
  readonly kind: 'embedded' | 'server';
  /** Address for libraries that connect by themselves (the queue). Holds a password: never log it. */
  readonly url: string;
  /** Commits when `work` is done, rolls back when it throws. Tried again on serialisation failures and deadlocks. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Rows in batches through a cursor: for exports. Closes when the iteration ends early. */
  stream<Row extends object>(statement: Sql, batch?: number): AsyncIterable<Row[]>;
  close(): Promise<void>;
}

/** What changed, as the console and other server processes hear of it. */
export interface LiveChange {
  topic: 'hosts' | 'images' | 'containers' | 'events' | 'sensors' | 'findings' | 'advisories' | 'tags';
  /** Ids of the assets, when they are few. */
  ids?: string[];
}

export interface Live {
  /** Tells every server process on this database; coalesced, at most a few a second for each topic. */
  publish(change: LiveChange): void;
  /** Returns what ends the subscription. */
  subscribe(listener: (change: LiveChange) => void): () => void;
  close(): Promise<void>;
}

/** One kind of background work. `jobs/index.ts` lists them all. */
export interface Job<Data extends object = object> {
  name: string;
  /** cron, UTC; once for all server processes. */
  schedule?: string;
  /** How many at once in one process. */
  concurrency?: number;
  /** How many are handed over at a time. */
  batch?: number;
  run(data: Data[], services: Services): Promise<void>;
}

export interface Queue {
  /** Work that survives a restart. With `key`, an equal job that still waits is not added again. */
  send(job: string, data: object, options?: { key?: string; priority?: number; afterSeconds?: number }): Promise<void>;
  /** How many wait, by job. */
  waiting(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** The advisory database in use. All server processes come to the same one. */
export interface Advisories {
  /** Undefined where none could be opened: then nothing is judged, and says so. */
  current(): { database: AdvisoryDatabase; id: string; file?: string } | undefined;
  /** An earlier one, while it is kept: to say what changed. */
  earlier?(id: string): { database: AdvisoryDatabase; file?: string } | undefined;
  /** Takes up what another process stored meanwhile. */
  refresh?(): Promise<void>;
  readonly state: { updating: boolean; failed: string | null; checkedAt: Date | null };
  /** Fetches the feeds, swaps the file, and has everything that is touched matched anew. */
  update(): Promise<void>;
  close(): Promise<void>;
}

/** Encrypts what has to be kept but may not be read from the database: client secrets. */
export interface Secrets {
  seal(plain: string): string;
  /** @throws when it was sealed with another key or was changed. */
  open(sealed: string): string;
}

export interface ServerConfig {
  /** Address to listen on; 127.0.0.1 unless told. */
  host: string;
  port: number;
  /** A PostgreSQL server; the embedded one when absent. */
  databaseUrl?: string;
  /** Holds the embedded database, the key and the advisory database. */
  dataDir: string;
  /** The address people and sensors use, when it is not http://host:port: behind a proxy. No trailing slash. */
  publicUrl?: string;
  /** Take the caller's address and scheme from X-Forwarded-*: only behind a proxy that sets them. */
  trustProxy: boolean;
  /** Folder of the built console; none is served when absent. */
  consoleDir?: string;
  /** The advisory database that ships with Plimsoll; where none is made or stored, it is the one in use. */
  bundledAdvisories?: string;
  /** Release of Plimsoll. */
  version: string;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
  /** Do background jobs in this process. */
  jobs: boolean;
}

export interface Services {
  config: ServerConfig;
  log: Logger;
  db: Database;
  queue: Queue;
  live: Live;
  advisories: Advisories;
  secrets: Secrets;
}

/** Who calls. `scope`: tags of the assets that may be seen; null for all. */
export interface Caller {
  kind: 'user' | 'token' | 'sensor' | 'nobody';
  /** User's, token's or sensor's id; empty for nobody. */
  id: string;
  /** The user that a session or token belongs to; null otherwise. */
  userId: string | null;
  name: string;
  role: Role | null;
  scope: string[] | null;
  /** Of the session, for users. */
  csrf: string | null;
  /** For sensors: the host they report of. */
  hostId: string | null;
  address: string;
}

type Spec<N extends RouteName> = (typeof ROUTES)[N] extends infer S extends RouteSpec ? S : never;
type Part<S, K extends string> = S extends Record<K, infer V> ? V : undefined;

/** One request of a route, parsed and allowed. */
export interface Call<N extends RouteName> {
  params: Parsed<Part<Spec<N>, 'params'>>;
  query: Parsed<Part<Spec<N>, 'query'>>;
  body: Parsed<Part<Spec<N>, 'body'>>;
  caller: Caller;
  request: FastifyRequest;
  reply: FastifyReply;
  services: Services;
}

/** What a route answers: its schema's input. A handler that streams writes to `reply` and returns it. */
export type Answer<N extends RouteName> = Given<Spec<N>['response']> | FastifyReply;
export type Handler<N extends RouteName> = (call: Call<N>) => Promise<Answer<N>>;
/** `routes/<resource>.ts` exports some of these; `routes/index.ts` joins them and a type check sees that none is missing. */
export type Handlers = { [N in RouteName]: Handler<N> };

export type { Permission, RouteName };
