import { z } from 'zod';
import { openLayerCache, scanImage } from '@plimsoll/scanner';
import { packSbom } from './pack.ts';

/** One scan, as it is handed to the process that does it. */
export const scanJob = z.object({
  reference: z.string().max(4096),
  /** Variables beside those of the process. */
  env: z.record(z.string(), z.string()),
  /** Folder with the blobs of an OCI layout, when they lie elsewhere. */
  blobs: z.string().optional(),
  /** Folder of the cache of layers, and the build it belongs to; none for a root file system. */
  cache: z.object({ folder: z.string(), generation: z.string() }).nullable(),
  /** Folders of a root file system to leave out. */
  exclude: z.array(z.string()),
  /** Bounds on the walk of a root file system. */
  walk: z.object({ maxEntries: z.number(), maxMs: z.number() }).optional(),
  /** False leaves out the search for secrets. */
  secrets: z.boolean(),
});
export type ScanJob = z.infer<typeof scanJob>;

/** Does a scan and packs what it finds. @throws InputError why it cannot be done */
export async function scanAndPack(job: ScanJob, signal: AbortSignal): Promise<string> {
  const sbom = await scanImage(job.reference, {
    env: { ...process.env, ...job.env },
    exclude: job.exclude,
    walk: job.walk,
    blobs: job.blobs,
    secrets: job.secrets,
    signal,
    ...(job.cache ? { cache: openLayerCache(job.cache.folder, job.cache.generation) } : {}),
  });
  signal.throwIfAborted();
  return packSbom(sbom);
}
