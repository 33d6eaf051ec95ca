import { dockerArchive } from './docker-archive.ts';
import { folder } from './folder.ts';
import { ociArchive } from './oci-archive.ts';
import { ociLayout } from './oci-layout.ts';
import { rootfsArchive } from './rootfs-archive.ts';
import type { ImageSource } from './source.ts';

/** Every source. A reference without prefix goes to the first one that knows it, so files come before the network. */
export const SOURCES: readonly ImageSource[] = [ociLayout, dockerArchive, ociArchive, rootfsArchive, folder];
