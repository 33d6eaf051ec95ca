import { InputError } from '@plimsoll/model';
import { closeSync, constants, lstatSync, opendirSync, openSync, type Dir, type Dirent, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { FileContent } from '../formats/random-access.ts';
import { LayerAnalyser } from '../layers/analyse.ts';
import type { TarEntry, TarEntryType } from '../layers/tar.ts';
import { isFolder } from './file-reference.ts';
import type { ImageSource, LayerSink, SourceOptions } from './source.ts';

/** Deeper trees than this are loops or attacks. */
const MAX_DEPTH = 256;
/** Kernel and run-time file systems, and where engines keep other root file systems: not part of this one. */
const SKIPPED = new Set(['proc', 'sys', 'dev', 'run', 'var/run', 'var/lib/docker', 'var/lib/containerd', 'var/lib/containers', 'var/lib/kubelet/pods', 'var/lib/rancher']);

/** On a running system, what programs put down for a while: nothing in there is installed. */
const SKIPPED_WHEN_RUNNING = new Set(['tmp', 'var/tmp']);

const OWN_VOLUMES = new Set(['usr', 'var', 'opt', 'home', 'root', 'srv', 'usr/local', 'var/lib']);

/** A root file system in a folder: `/` of this machine, a mounted image, the target of a chroot. */
export const folder: ImageSource = {
  kind: 'dir',
  scheme: 'dir',
  detects: (reference) => isFolder(reference),
  async read(reference, sink, options) {
    if (!isFolder(reference)) throw new InputError('file-missing', `there is no folder ${reference}`);
    const analyser = new LayerAnalyser({ secrets: options.secrets ?? true });
    await walk(resolve(reference), analyser, sink, options);
    sink.add(analyser.finish(0));
    return { image: { reference, kind: 'dir', tags: [], repoDigests: [] }, layers: [] };
  },
};

/** Progress is shown, and other work let in, every so many entries. */
const BREATHER = 2000;

/**
 * Walks with synchronous calls: for millions of small files they cost a tenth of asynchronous ones,
 * and nothing else waits but the progress display, which gets its turns.
 */
async function walk(root: string, analyser: LayerAnalyser, sink: LayerSink, options: Pick<SourceOptions, 'exclude' | 'signal' | 'walk'>): Promise<void> {
  const skipped = new Set([...SKIPPED, ...(options.exclude ?? []), ...(root === '/' ? SKIPPED_WHEN_RUNNING : [])]);
  const { dev } = lstatSync(root);
  const { maxEntries = Infinity, maxMs = Infinity } = options.walk ?? {};
  const began = performance.now();
  /** Folders still to visit, with paths relative to the root. */
  const pending: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
  let visited = 0;
  for (let next = pending.pop(); next; next = pending.pop()) {
    for (const item of itemsOf(root, next.path, analyser)) {
      const path = next.path === '' ? item.name : `${next.path}/${item.name}`;
      if (++visited % BREATHER === 0) {
        sink.walked(visited);
        await new Promise((resolve) => setImmediate(resolve));
        options.signal?.throwIfAborted();
        if (performance.now() - began > maxMs) return analyser.warn('walk-too-long', `after ${Math.round(maxMs / 1000)} seconds and ${visited} files and folders the walk was ended; the rest was not looked at`, path, true);
      }
      if (visited > maxEntries) return analyser.warn('walk-too-long', `there are more than ${maxEntries} files and folders; the rest was not looked at`, path, true);
      if (skipped.has(path) || !(item.isFile() || item.isDirectory() || item.isSymbolicLink())) continue;
      let info: Stats;
      try {
        info = lstatSync(join(root, path));
      } catch (error) {
        // Gone since it was listed; or the folder lets its names be read, but not what they stand for; or the
        // path is longer than the system takes, or no UTF-8.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !item.name.includes('\ufffd')) continue;
        analyser.warn('file-unreadable', `it cannot be looked at: ${(error as NodeJS.ErrnoException).code ?? ''}`, path, true);
        continue;
      }
      if (info.isDirectory()) {
        // Other file systems mounted below (network shares, overlays of running containers) are not this root's
        // content, but for the folders that are often volumes of their own.
        if (info.dev !== dev && !OWN_VOLUMES.has(path)) continue;
        if (next.depth >= MAX_DEPTH) {
          analyser.warn('folder-too-deep', `folders nest deeper than ${MAX_DEPTH}; the rest was not looked at`, path, true);
          continue;
        }
        pending.push({ path, depth: next.depth + 1 });
      }
      const entry = entryOf(path, info);
      if (entry && analyser.entry(entry)) feed(join(root, path), info, path, analyser);
    }
  }
}

/** What is in a folder, a few at a time: one may hold millions. */
function* itemsOf(root: string, path: string, analyser: LayerAnalyser): Generator<Dirent> {
  let folder: Dir | undefined;
  try {
    folder = opendirSync(join(root, path), { bufferSize: 256 });
    for (let item = folder.readSync(); item; item = folder.readSync()) yield item;
  } catch (error) {
    // No file's error ends up here: the generator's own calls alone are within.
    analyser.warn('folder-unreadable', `the folder cannot be read: ${(error as Error).message}`, path, true);
  } finally {
    folder?.closeSync();
  }
}

function entryOf(path: string, info: Stats): TarEntry | undefined {
  let type: TarEntryType;
  if (info.isFile()) type = 'file';
  else if (info.isDirectory()) type = 'directory';
  else if (info.isSymbolicLink()) type = 'symlink';
  else return undefined;
  return { path, linkPath: '', type, size: type === 'file' ? info.size : 0, mode: info.mode & 0o7777, uid: info.uid, gid: info.gid };
}

function feed(file: string, info: Stats, path: string, analyser: LayerAnalyser): void {
  // To look for ELF files costs nothing in a tar, where the bytes come by anyway. Here each costs an open: only
  // what is executable or named as a shared library can be one that matters.
  if (analyser.wantsOnlyMagic && (info.mode & 0o111) === 0 && !/\.so(?:\.|$)/.test(path)) return;
  let fd: number;
  try {
    // Links are not followed: between `lstat` and here, someone may have put one in the file's place.
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    analyser.warn('file-unreadable', `it cannot be read: ${(error as Error).message}`, path, true);
    return;
  }
  try {
    analyser.take(new FileContent(fd, info.size));
  } catch (error) {
    analyser.warn('file-unreadable', `it cannot be read: ${(error as Error).message}`, path, true);
  } finally {
    closeSync(fd);
  }
}
