import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, type DatabaseInfo } from '@plimsoll/model';
import type { FeedFile } from '../feeds/feed.ts';
import { DEFAULT_ECOSYSTEMS, FEEDS } from '../feeds/index.ts';
import { buildDatabase, FeedError, type BuildProgress } from './build.ts';
import { download, forget, type DownloadProgress, type DownloadResult } from './download.ts';
import { sha256File } from './files.ts';
import { DATABASE_NAME } from './locate.ts';
import { lockFolder } from './lock.ts';
import { openDatabase } from './open.ts';

export type UpdateProgress =
  | ({ phase: 'download'; feed: string; done: number; total: number; result?: DownloadResult } & { bytes?: DownloadProgress })
  | ({ phase: 'build' } & BuildProgress);

export interface UpdateOptions {
  /**
   * A mirror: a folder, or an `http(s)` or `file` address, with `osv/<Ecosystem>/all.zip` and so on below it.
   * The publishers' own addresses unless given.
   */
  from?: string;
  /** OSV ecosystems to have; all that Plimsoll catalogues unless given. Those named must be there. */
  ecosystems?: readonly string[];
  /** Folder that holds the database and the cached feeds. */
  dir: string;
  onProgress?: (progress: UpdateProgress) => void;
  fetch?: typeof fetch;
  /** ISO 8601 time to note as the build's. */
  built?: string;
  /** Pause before the second try of a download, in milliseconds. */
  pauseMs?: number;
}

export interface UpdateResult {
  info: DatabaseInfo;
  /** The database file. */
  file: string;
  /** False when the feeds are those that the database was made of already. */
  changed: boolean;
}

/**
 * Fetches the feeds that changed and makes `dir/plimsoll.db` anew from them. Whatever fails, the
 * database that was there stays, and feeds that arrived whole or in part are kept for the next try.
 *
 * Rejects with `InputError`: those of `buildDatabase`, `update-running`, `feed-unreachable`,
 * `feed-refused`, `feed-absent`.
 */
export async function updateDatabase(options: UpdateOptions): Promise<UpdateResult> {
  const { dir, from } = options;
  const unlock = lockFolder(dir);
  try {
    const file = join(dir, DATABASE_NAME);
    removeLeftovers(dir);
    if (from !== undefined && !/^https?:\/\//i.test(from)) {
      const folder = /^file:\/\//i.test(from) ? fileURLToPath(from) : from;
      return await build(options, folder, file, new Map());
    }
    const cache = join(dir, 'feeds');
    const urls = await fetchFeeds(options, cache);
    return await build(options, cache, file, urls);
  } finally {
    unlock();
  }
}

/** A build that was killed leaves its temporary file; under the lock nobody else's can be there. */
function removeLeftovers(dir: string): void {
  for (const name of readdirSync(dir)) {
    if (name.startsWith(`.${DATABASE_NAME}.`) && name.endsWith('.tmp')) rmSync(join(dir, name), { force: true });
  }
}

async function build(
  options: UpdateOptions,
  from: string,
  file: string,
  urls: ReadonlyMap<string, string>,
): Promise<UpdateResult> {
  const ecosystems = options.ecosystems ?? (urls.size > 0 ? [...urls.keys()].map((name) => name.replace(/^osv\//, '')) : undefined);
  const current = await upToDate(file, from, ecosystems);
  if (current) return { info: current, file, changed: false };
  try {
    const info = await buildDatabase({
      from,
      out: file,
      urls,
      ...(ecosystems && { ecosystems }),
      ...(options.built !== undefined && { built: options.built }),
      onProgress: (progress) => options.onProgress?.({ phase: 'build', ...progress }),
    });
    return { info, file, changed: true };
  } catch (error) {
    // A feed that arrived broken would otherwise be "unchanged" for ever. Only cached feeds are ours to drop.
    if (urls.size > 0 && error instanceof FeedError) {
      forget(error.path);
      forget(`${error.path}.sha256`);
    }
    throw error;
  }
}

/** The database's info when it was made of exactly these feed files; undefined otherwise. */
async function upToDate(
  file: string,
  from: string,
  ecosystems: readonly string[] | undefined,
): Promise<DatabaseInfo | undefined> {
  if (!existsSync(file) || !existsSync(from)) return undefined;
  let info: DatabaseInfo;
  try {
    const database = openDatabase(file);
    info = database.info;
    database.close();
  } catch {
    return undefined;
  }
  const wanted = ecosystems && new Set(ecosystems.map((name) => `osv/${name}`));
  const files = FEEDS.flatMap((feed) =>
    feed.inFolder(from).filter(({ name }) => !wanted || feed.name !== 'osv' || wanted.has(name)),
  );
  if (files.length !== info.feeds.length) return undefined;
  for (const { name, path } of files) {
    const known = info.feeds.find((feed) => feed.name === name);
    if (!known?.sha256 || known.sha256 !== (await sha256File(join(from, path)))) return undefined;
  }
  return info;
}

/** Brings the cache up to date; returns where each feed came from. */
async function fetchFeeds(options: UpdateOptions, cache: string): Promise<Map<string, string>> {
  const { from, onProgress } = options;
  const request = options.fetch ?? fetch;
  const files = FEEDS.flatMap((feed) => feed.published(options.ecosystems ?? DEFAULT_ECOSYSTEMS));
  const urls = new Map<string, string>();
  for (const [done, file] of files.entries()) {
    const target = join(cache, file.path);
    const report = (bytes?: DownloadProgress, result?: DownloadResult): void =>
      onProgress?.({
        phase: 'download',
        feed: file.name,
        done,
        total: files.length,
        ...(bytes && { bytes }),
        ...(result && { result }),
      });
    report();
    const { url, authorization } =
      from === undefined ? { url: await publishedAddress(file, request) } : mirrorAddress(from, file.path);
    const settings = {
      fetch: request,
      ...(authorization !== undefined && { authorization }),
      onProgress: (bytes: DownloadProgress) => report(bytes),
      ...(options.pauseMs !== undefined && { pauseMs: options.pauseMs }),
    };
    const result = await download(url, target, settings);
    report(existsSync(target) ? { received: statSync(target).size } : undefined, result);
    if (result === 'absent') {
      if (mustBeThere(file, options)) throw new InputError('feed-absent', `${url}: the server has no such feed`);
      forget(target);
      forget(`${target}.sha256`);
      continue;
    }
    // Mirrors may serve a checksum beside a file; the build compares it. The publishers serve none.
    if (from !== undefined && (await download(`${url}.sha256`, `${target}.sha256`, { ...settings, onProgress: () => undefined })) === 'absent') {
      forget(`${target}.sha256`);
    }
    urls.set(file.name, url);
  }
  if (![...urls.keys()].some((name) => name.startsWith('osv/'))) {
    throw new InputError('feeds-missing', `${from ?? 'the publishers'}: none of the OSV archives is there, expected osv/<Ecosystem>/all.zip`);
  }
  return urls;
}

/** Ecosystems that were asked for by name, and the publishers' feeds of CVE facts. A mirror may have any part. */
function mustBeThere(file: FeedFile, { ecosystems, from }: UpdateOptions): boolean {
  return file.name.startsWith('osv/') ? ecosystems !== undefined : from === undefined;
}

/** Where a mirror has a file. A user name in the mirror's address becomes a header, so that no message shows it. */
function mirrorAddress(from: string, path: string): { url: string; authorization?: string } {
  let base: URL;
  try {
    base = new URL(from);
  } catch (cause) {
    throw new InputError('feed-refused', `mirror address ${JSON.stringify(from)} is not a valid URL`, { cause });
  }
  const user = decodeURIComponent(base.username);
  const password = decodeURIComponent(base.password);
  base.username = '';
  base.password = '';
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;
  if (user === '' && password === '') return { url: base.href };
  return { url: base.href, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** Follows a GitHub release to its asset, whose name has the day in it. */
async function publishedAddress({ url, releaseAsset }: FeedFile, request: typeof fetch): Promise<string> {
  if (releaseAsset === undefined) return url;
  let release: unknown;
  try {
    const response = await request(url, { headers: { accept: 'application/vnd.github+json' }, signal: AbortSignal.timeout(60_000) });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    release = await response.json();
  } catch (cause) {
    throw new InputError('feed-unreachable', `${url}: ${(cause as Error).message}`, { cause });
  }
  const assets = (release as { assets?: { name?: unknown; browser_download_url?: unknown }[] } | null)?.assets;
  for (const { name, browser_download_url: address } of Array.isArray(assets) ? assets : []) {
    if (typeof name === 'string' && name.endsWith(releaseAsset) && typeof address === 'string' && address.startsWith('https://')) {
      return address;
    }
  }
  throw new InputError('feed-absent', `${url}: its release has no file named *${releaseAsset}`);
}
