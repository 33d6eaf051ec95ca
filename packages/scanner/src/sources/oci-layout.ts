import { InputError } from '@plimsoll/model';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FolderStore } from './archive/folder-store.ts';
import { readLayout } from './archive/oci-image.ts';
import { isFolder, splitTag } from './file-reference.ts';
import type { ImageSource } from './source.ts';

/** An OCI layout in a folder. */
export const ociLayout: ImageSource = {
  kind: 'oci',
  scheme: 'oci',
  detects(reference) {
    const { path } = splitTag(reference);
    return isFolder(path) && existsSync(join(path, 'oci-layout')) && existsSync(join(path, 'index.json'));
  },
  async read(reference, sink, options) {
    const { path, tag } = splitTag(reference);
    if (!isFolder(path)) throw new InputError('file-missing', `there is no folder ${path}`);
    const store = new FolderStore(path, options.blobs);
    const image = await readLayout(store, reference, tag, sink, options);
    return { ...image, image: { ...image.image, reference, kind: 'oci', repoDigests: [] } };
  },
};
