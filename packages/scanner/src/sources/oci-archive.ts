import { readImageArchive } from './docker-archive.ts';
import type { ImageSource } from './source.ts';

/** An OCI layout in a tar. Found by the same test as `docker-archive`, so here only by its prefix. */
export const ociArchive: ImageSource = {
  kind: 'oci-archive',
  scheme: 'oci-archive',
  detects: () => false,
  read: readImageArchive,
};
