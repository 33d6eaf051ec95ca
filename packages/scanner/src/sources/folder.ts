import { InputError } from '@plimsoll/model';
import { constants, type Stats } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LayerAnalyser } from '../layers/analyse.ts';
import { fileRange } from '../layers/file-range.ts';
import type { TarEntry, TarEntryType } from '../layers/tar.ts';
import { isFolder } from './file-reference.ts';
import type { ImageSource } from './source.ts';

/** Deeper trees than this are loops or attacks. */
const MAX_DEPTH = 256;
/** Kernel and run-time file systems, and where engines keep other root file systems: not part of this one. */
const SKIPPED = new Set(['proc', 'sys', 'dev', 'run', 'var/run', 'var/lib/docker', 'var/lib/containerd', 'var/lib/containers', 'var/lib/kubelet/pods', 'var/lib/rancher']);

/** A root file system in a folder: `/` of this machine, a mounted image, the target of a chroot. */
export const folder: ImageSource = {
  kind: 'dir',
  scheme: 'dir',
  detects: (reference) => isFolder(reference),
  async read(reference, sink) {
    if (!isFolder(reference)) throw new InputError('file-missing', `there is no folder ${reference}`);
    const analyser = new LayerAnalyser();
    await walk(resolve(reference), analyser);
    sink.add(analyser.finish(0));
    return { image: { reference, kind: 'dir', tags: [], repoDigests: [] }, layers: [] };
  },
};

async function walk(root: string, analyser: LayerAnalyser): Promise<void> {
  const { dev } = await lstat(root);
  /** Folders still to visit, with paths relative to the root. */
  const pending: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    let listing;
    try {
      listing = await opendir(join(root, next.path), { bufferSize: 256 });
    } catch (error) {
      analyser.warn('folder-unreadable', `the folder cannot be read: ${(error as Error).message}`, next.path, true);
      continue;
    }
    for await (const item of listing) {
      const path = next.path === '' ? item.name : `${next.path}/${item.name}`;
      if (SKIPPED.has(path)) continue;
      const info = await lstat(join(root, path)).catch(() => undefined);
      if (!info) continue;
      if (info.isDirectory()) {
        // Other file systems mounted below (network shares, overlays of running containers) are not this root's content.
        if (info.dev !== dev && path !== 'usr' && path !== 'var' && path !== 'opt' && path !== 'home' && path !== 'root') continue;
        if (next.depth >= MAX_DEPTH) {
          analyser.warn('folder-too-deep', `folders nest deeper than ${MAX_DEPTH}; the rest was not looked at`, path, true);
          continue;
        }
        pending.push({ path, depth: next.depth + 1 });
      }
      const entry = entryOf(path, info);
      if (entry && analyser.entry(entry)) await feed(join(root, path), info, path, analyser);
    }
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

async function feed(file: string, info: Stats, path: string, analyser: LayerAnalyser): Promise<void> {
  let handle;
  try {
    // Not followed: between `lstat` and here, someone may have put a link in its place.
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    analyser.warn('file-unreadable', `it cannot be read: ${(error as Error).message}`, path, true);
    return;
  }
  try {
    for await (const chunk of fileRange(handle, 0, info.size)) if (!analyser.data(chunk)) return;
    analyser.end();
  } finally {
    await handle.close();
  }
}
