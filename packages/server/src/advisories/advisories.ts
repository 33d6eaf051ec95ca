import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { locateDatabase, openDatabase, updateDatabase, type UpdateOptions, type UpdateResult } from '@plimsoll/advisories';
import { InputError, type AdvisoryDatabase } from '@plimsoll/model';
import type { Advisories, Services } from '../context.ts';
import { idOf, localCopy, newestStored, storedDatabases, storeFile, tidy, type StoredDatabase } from './store.ts';
import { readUpdateState, takeUpdate, type UpdateState } from './state.ts';

export interface AdvisoriesOptions {
  /** Where a database that the command line made is looked for; the process's environment unless given. */
  env?: NodeJS.ProcessEnv;
  /** The snapshot that ships with Plimsoll, when not beside the advisories' package. */
  bundled?: string;
  /** A mirror to fetch the feeds from; `PLIMSOLL_FEEDS` of the environment, else the publishers, unless given. */
  from?: string;
  /** Fetches and builds; for tests. */
  fetchFeeds?: (options: UpdateOptions) => Promise<UpdateResult>;
}

interface Opened {
  id: string;
  file: string;
  database: AdvisoryDatabase;
}

/** How often the holder of an update says that it lives. */
const BEAT_MS = 30_000;

type Needs = Pick<Services, 'config' | 'log' | 'db' | 'queue' | 'live'>;

/**
 * The advisory database that all server processes share. Its file lies in PostgreSQL; each process works on a
 * copy in `dataDir/advisories` and takes up a newer one when it hears of it.
 *
 * At the start, a file that `plimsoll db update` made on this machine, or the bundled snapshot, is stored when it is
 * newer than the stored one. Never rejects for want of a database: `state.failed` then says why there is none.
 */
export async function openAdvisories(services: Needs, options: AdvisoriesOptions = {}): Promise<ServerAdvisories> {
  const advisories = new ServerAdvisories(services, options);
  await advisories.start();
  return advisories;
}

export class ServerAdvisories implements Advisories {
  readonly #services: Needs;
  readonly #options: AdvisoriesOptions;
  readonly #folder: string;
  /** The one in use last. */
  #opened: Opened[] = [];
  #state: UpdateState = { updating: false, failed: null, checkedAt: null };
  #openFailure: string | null = null;
  #refreshing: Promise<void> | undefined;
  #nextRefresh: Promise<void> | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(services: Needs, options: AdvisoriesOptions) {
    this.#services = services;
    this.#options = options;
    this.#folder = join(services.config.dataDir, 'advisories');
  }

  /** Takes in a newer local file, opens the newest, and listens for newer ones. */
  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    await this.#takeInLocal();
    await this.refresh();
    this.#unsubscribe = this.#services.live.subscribe(({ topic }) => {
      if (topic === 'advisories') this.refresh().catch((error: unknown) => this.#services.log.error({ err: error }, 'advisory database not taken up'));
    });
  }

  current(): Opened | undefined {
    return this.#opened.at(-1);
  }

  earlier(id: string): Opened | undefined {
    return this.#opened.find((opened) => opened.id === id);
  }

  get state(): Advisories['state'] {
    return { ...this.#state, failed: this.#state.failed ?? this.#openFailure };
  }

  /** Whoever asks while one refresh runs gets the next: the running one may have looked before what they know of. */
  refresh(): Promise<void> {
    if (!this.#refreshing) {
      return (this.#refreshing = this.#takeUp().finally(() => {
        this.#refreshing = undefined;
      }));
    }
    return (this.#nextRefresh ??= this.#refreshing
      .catch(() => undefined)
      .then(() => {
        this.#nextRefresh = undefined;
        return this.refresh();
      }));
  }

  async update(): Promise<void> {
    const { db, live, log } = this.#services;
    const hold = await takeUpdate(db);
    if (!hold) throw new InputError('update-running', 'the advisory database is being updated already; wait for that to end');
    const beat = setInterval(() => void hold.beat().catch(() => undefined), BEAT_MS);
    live.publish({ topic: 'advisories' });
    let failed: string | null = null;
    try {
      this.#state = await readUpdateState(db);
      const from = this.#options.from ?? process.env.PLIMSOLL_FEEDS;
      const fetchFeeds = this.#options.fetchFeeds ?? updateDatabase;
      const result = await fetchFeeds({ dir: join(this.#folder, 'update'), ...(from ? { from } : {}) });
      await this.#store(result.file, result.info.built);
    } catch (error) {
      failed = error instanceof InputError ? error.message : 'the update failed; the server’s log says why';
      log.error({ err: error }, 'advisory update failed');
      throw error;
    } finally {
      clearInterval(beat);
      await hold.release(failed);
      await this.refresh();
      live.publish({ topic: 'advisories' });
    }
  }

  async close(): Promise<void> {
    this.#unsubscribe?.();
    await (this.#nextRefresh ?? this.#refreshing)?.catch(() => undefined);
    for (const { database } of this.#opened) database.close();
    this.#opened = [];
  }

  async #takeInLocal(): Promise<void> {
    const { log } = this.#services;
    try {
      const located = locateDatabase({ env: this.#options.env ?? process.env, ...(this.#options.bundled === undefined ? {} : { bundled: this.#options.bundled }) });
      if (!located || !existsSync(located.file)) return;
      const database = openDatabase(located.file);
      const { built } = database.info;
      database.close();
      await this.#store(located.file, built);
    } catch (error) {
      // A stored one may be there; when none is, that is what is shown.
      if (!(error instanceof InputError)) throw error;
      this.#openFailure = error.message;
      log.warn({ err: error }, 'local advisory database not used');
    }
  }

  /** Makes a file the one in use for all processes, when it is newer, and has what it touches matched anew. */
  async #store(file: string, built: string): Promise<void> {
    const { db, live, queue, log } = this.#services;
    const stored = await newestStored(db);
    if (stored && stored.built >= new Date(built)) return;
    const id = await idOf(file);
    const { taken, before } = await storeFile(db, file, id, built);
    if (!taken) return;
    log.info({ id, built }, 'advisory database stored');
    await queue.send('rematch', { from: before?.id ?? null, to: id }, { key: `rematch:${id}` });
    live.publish({ topic: 'advisories' });
  }

  async #takeUp(): Promise<void> {
    const { db } = this.#services;
    this.#state = await readUpdateState(db);
    const [stored, before] = await storedDatabases(db);
    if (!stored || stored.id === this.current()?.id) return;
    // After a restart the one before is wanted too: by it one tells what changed.
    if (before && this.#opened.length === 0) await this.#open(before);
    await this.#open(stored);
    for (const { database } of this.#opened.splice(0, this.#opened.length - 2)) database.close();
    await tidy(this.#folder, this.#opened.map(({ id }) => id));
  }

  async #open(stored: StoredDatabase): Promise<void> {
    const { db, log } = this.#services;
    const file = await localCopy(db, this.#folder, stored.id);
    if (file === undefined) return;
    try {
      this.#opened.push({ id: stored.id, file, database: openDatabase(file) });
      this.#openFailure = null;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      // The copy is damaged, or of another release's format: the next try writes it anew.
      rmSync(file, { force: true });
      this.#openFailure = error.message;
      log.error({ err: error }, 'advisory database not opened');
    }
  }
}
