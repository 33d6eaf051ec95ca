import { InputError } from '@plimsoll/model';
import { stat, open } from 'node:fs/promises';
import { fileRange } from '../layers/file-range.ts';
import { archiveContent, fileIdentity } from './archive/open.ts';
import { requireFile } from './file-reference.ts';
import type { ImageSource, LayerRef } from './source.ts';

/** A root file system in one tar: a distribution's minirootfs, `docker export`. */
export const rootfsArchive: ImageSource = {
  kind: 'rootfs-archive',
  scheme: 'rootfs',
  async detects(reference) {
    return (await archiveContent(reference)) === 'rootfs';
  },
  async read(reference, sink) {
    requireFile(reference);
    const key = await fileIdentity(reference);
    const known = sink.note(key);
    let layer: LayerRef;
    if (known !== undefined && sink.has(known)) {
      layer = await sink.read(() => lost(known), { diffId: known, name: reference });
    } else {
      const { size } = await stat(reference);
      sink.expect(size);
      const file = await open(reference, 'r');
      try {
        layer = await sink.read(() => fileRange(file, 0, size), { name: reference, again: true });
      } finally {
        await file.close();
      }
      sink.putNote(key, layer.diffId);
    }
    return {
      image: { reference, kind: 'rootfs-archive', tags: [], repoDigests: [] },
      layers: [layer],
    };
  },
};

/** Asked for only when the cached layer went, or turned out damaged, after the look. */
async function* lost(diffId: string): AsyncGenerator<Buffer> {
  throw new InputError('cache-lost', `the cached layer ${diffId} is gone or damaged; scan again`);
}
