import { dockerArchive } from './docker-archive.ts';
import { dockerEngine } from './docker-engine.ts';
import { folder } from './folder.ts';
import { ociArchive } from './oci-archive.ts';
import { ociLayout } from './oci-layout.ts';
import { registry } from './registry.ts';
import { rootfsArchive } from './rootfs-archive.ts';
import { sbomDocument } from './sbom-document.ts';
import type { ImageSource } from './source.ts';

/** Every source. A reference without prefix goes to the first one that knows it: files, then the engine, then the network. */
export const SOURCES: readonly ImageSource[] = [
  ociLayout,
  sbomDocument,
  dockerArchive,
  ociArchive,
  rootfsArchive,
  folder,
  dockerEngine,
  registry,
];
