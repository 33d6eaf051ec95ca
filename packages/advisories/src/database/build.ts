import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { InputError, type DatabaseInfo, type FeedInfo } from '@plimsoll/model';
import type { Feed, FeedFile } from '../feeds/feed.ts';
import { FEEDS } from '../feeds/index.ts';
import { DatabaseBuilder } from './builder.ts';
import { sha256File, syncFolder } from './files.ts';

export interface BuildProgress {
  /** `osv/Debian` while a feed is read; `database` while the file is written. */
  step: string;
  /** Records of the feed read so far. */
  records: number;
  /** Feed files finished, and how many there are. */
  done: number;
  total: number;
}

export interface BuildOptions {
  /** A folder laid out as a mirror: `osv/<Ecosystem>/all.zip`, `kev/…`, `epss/…`, `cve5/…`. */
  from: string;
  /** The file to make. It is replaced only when the new one is whole. */
  out: string;
  /** Read only these OSV ecosystems. */
  ecosystems?: readonly string[];
  /** ISO 8601 time to note as the build's; now unless given. Same feeds and same time give the same bytes. */
  built?: string;
  /** Where each feed was fetched from, by feed name. */
  urls?: ReadonlyMap<string, string>;
  onProgress?: (progress: BuildProgress) => void;
}

/** A feed file that cannot be used; `path` is that file. */
export class FeedError extends InputError {
  readonly path: string;
  constructor(code: string, path: string, reason: string, options?: { cause?: unknown }) {
    super(code, `feed ${path}: ${reason}`, options);
    this.path = path;
  }
}

/**
 * Builds a database file from a folder of feeds. Feeds that are not there are left out; at least one
 * OSV archive has to be.
 *
 * Rejects with an `InputError`: `feeds-missing`, or a `FeedError` whose message names the file and the
 * record: `feed-truncated`, `feed-corrupt`, `feed-record-invalid`, `feed-checksum`, `feed-unreadable`.
 * `out` is then as it was.
 */
export async function buildDatabase(options: BuildOptions): Promise<DatabaseInfo> {
  const { from, out, onProgress } = options;
  const files = findFeeds(from, options.ecosystems);
  mkdirSync(dirname(out), { recursive: true });
  const temporary = join(dirname(out), `.${basename(out)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-build-'));
  let fd: number | undefined;
  try {
    const builder = new DatabaseBuilder({ folder });
    const present = new Set(files.map(({ file }) => file.name));
    const feeds: FeedInfo[] = [];
    for (const [done, { feed, file }] of files.entries()) {
      const report = (records: number): void => onProgress?.({ step: file.name, records, done, total: files.length });
      report(0);
      feeds.push(await readFeed(from, feed, file, builder, { present, onRecords: report }, options.urls));
    }
    onProgress?.({ step: 'database', records: 0, done: files.length, total: files.length });
    const built = options.built ?? `${new Date().toISOString().slice(0, 19)}Z`;
    fd = openSync(temporary, 'wx');
    const info = await builder.finish(fd, built, feeds, breathe);
    fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    renameSync(temporary, out);
    syncFolder(dirname(out));
    return info;
  } finally {
    if (fd !== undefined) closeSync(fd);
    rmSync(temporary, { force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lets timers and I/O run between batches of work. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function findFeeds(from: string, ecosystems: readonly string[] | undefined): { feed: Feed; file: FeedFile }[] {
  if (!existsSync(from) || !statSync(from).isDirectory()) {
    throw new InputError('feeds-missing', `feeds folder ${from}: there is no such folder`);
  }
  const wanted = ecosystems && new Set(ecosystems.map((name) => `osv/${name}`));
  const files = FEEDS.flatMap((feed) =>
    feed
      .inFolder(from)
      .filter(({ name }) => !wanted || feed.name !== 'osv' || wanted.has(name))
      .map((file) => ({ feed, file })),
  );
  if (!files.some(({ feed }) => feed.name === 'osv')) {
    throw new InputError('feeds-missing', `feeds folder ${from}: no advisories in it; expected osv/<Ecosystem>/all.zip`);
  }
  return files;
}

async function readFeed(
  from: string,
  feed: Feed,
  file: FeedFile,
  builder: DatabaseBuilder,
  readOptions: Parameters<Feed['read']>[3],
  urls: ReadonlyMap<string, string> | undefined,
): Promise<FeedInfo> {
  const path = join(from, file.path);
  try {
    const sha256 = await sha256File(path);
    checkSideFile(`${path}.sha256`, sha256);
    const summary = await feed.read(path, file, builder, readOptions);
    const url = urls?.get(file.name);
    return { name: file.name, ...summary, sha256, ...(url !== undefined && { url }) };
  } catch (error) {
    if (error instanceof InputError) throw new FeedError(error.code, path, error.message, { cause: error });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw new FeedError('feed-unreadable', path, message, { cause: error });
    throw error;
  }
}

/** A mirror may give a checksum beside a file, in the form that `sha256sum` prints. */
function checkSideFile(path: string, sha256: string): void {
  if (!existsSync(path)) return;
  const told = /^[\da-f]{64}(?=\s|$)/i.exec(readFileSync(path, 'latin1').slice(0, 4096).trimStart())?.[0];
  if (told?.toLowerCase() !== sha256) {
    throw new InputError('feed-checksum', `its SHA-256 is ${sha256}, but ${basename(path)} says ${told ?? 'nothing usable'}`);
  }
}
