import { InputError } from '@plimsoll/model';
import { readDockerManifest } from './archive/docker-image.ts';
import { archiveContent, openArchive } from './archive/open.ts';
import { readLayout } from './archive/oci-image.ts';
import { requireFile, splitTag } from './file-reference.ts';
import type { ImageSource, LayerSink, SourceImage, SourceOptions } from './source.ts';

/** What `docker save` writes, plain or compressed. */
export const dockerArchive: ImageSource = {
  kind: 'docker-archive',
  scheme: 'docker-archive',
  async detects(reference) {
    return (await archiveContent(splitTag(reference).path)) === 'image';
  },
  read: readImageArchive,
};

/** Reads either form of image archive: newer Docker engines write both into one file. */
export async function readImageArchive(reference: string, sink: LayerSink, options: SourceOptions): Promise<SourceImage> {
  const { path, tag } = splitTag(reference);
  requireFile(path);
  const store = await openArchive(path, sink);
  try {
    if (store.has('manifest.json')) {
      const image = await readDockerManifest(store, tag, sink);
      return { ...image, image: { ...image.image, reference, kind: 'docker-archive', repoDigests: [] } };
    }
    if (store.has('index.json')) {
      const image = await readLayout(store, reference, tag, sink, options);
      return { ...image, image: { ...image.image, reference, kind: 'oci-archive', repoDigests: [] } };
    }
    throw new InputError('archive-incomplete', `${path} holds neither manifest.json (docker-archive) nor index.json (OCI layout)`);
  } finally {
    await store.close();
  }
}
