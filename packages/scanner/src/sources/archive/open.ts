import { InputError } from '@plimsoll/model';
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { compressionOf, decompress, peek } from '../../layers/decompress.ts';
import { fileRange } from '../../layers/file-range.ts';
import { normalisePath } from '../../layers/path.ts';
import { TarReader } from '../../layers/tar.ts';
import type { LayerSink } from '../source.ts';
import type { BlobStore } from './blob-store.ts';
import { TarFileStore } from './tar-file-store.ts';
import { TarStreamStore } from './tar-stream-store.ts';

/** What a tar file holds, told by the name of its first entries. */
export type ArchiveContent = 'image' | 'rootfs';

/** Names with which image archives of docker, skopeo, crane, buildah and kaniko start. */
const IMAGE_MEMBER = /^(?:manifest\.json|index\.json|oci-layout|repositories|blobs(?:\/.*)?|[0-9a-f]{64}(?:\.json|\.tar(?:\.gz)?|\/.*)?|sha256:[0-9a-f]{64}(?:\.tar\.gz)?)$/;
const PEEK = 64 << 10;

/** Tells whether a tar (compressed or not) is an image archive or a root file system; undefined when it is no tar. */
export async function archiveContent(path: string): Promise<ArchiveContent | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) return undefined;
  const file = await open(path, 'r');
  try {
    const { head } = await peek(decompress(fileRange(file, 0, info.size)), PEEK);
    let first: string | undefined;
    const reader = new TarReader({
      entry(entry) {
        const name = normalisePath(entry.path);
        if (name) first ??= name;
        return false;
      },
      data: () => false,
      hole: () => false,
      end: () => undefined,
    });
    // An archive without entries is an empty root file system.
    reader.write(head.subarray(0, head.length));
    if (first === undefined) return head.length >= 512 ? 'rootfs' : undefined;
    return IMAGE_MEMBER.test(first) ? 'image' : 'rootfs';
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

/** A key for a file as it lies there now: another content has another size or time. */
export async function fileIdentity(path: string): Promise<string> {
  const info = await stat(path, { bigint: true });
  return `file-${createHash('sha256').update(JSON.stringify([realpathSync(path), String(info.size), String(info.mtimeNs), String(info.ctimeNs), String(info.ino)])).digest('hex')}`;
}

/** Opens an image archive: in place when it is not compressed, by one pass through it when it is. */
export async function openArchive(path: string, sink: LayerSink): Promise<BlobStore> {
  const info = await stat(path);
  const file = await open(path, 'r');
  let compressed: boolean;
  try {
    const head = Buffer.alloc(4);
    await file.read(head, 0, 4, 0);
    compressed = compressionOf(head) !== 'none';
    if (compressed) {
      const key = await fileIdentity(path);
      const note = sink.note(key);
      const known = note === undefined ? undefined : TarStreamStore.restore(path, note, sink);
      if (known) return known;
      sink.expect(info.size);
      const store = await TarStreamStore.take(path, decompress(fileRange(file, 0, info.size)), sink);
      sink.putNote(key, store.note());
      return store;
    }
  } finally {
    await file.close();
  }
  return TarFileStore.open(path);
}
