import { InputError } from '@plimsoll/model';
import { createHash, type Hash } from 'node:crypto';
import { LayerAnalyser } from './analyse.ts';
import { compressionOf, decompress, peek } from './decompress.ts';
import type { LayerCatalogue } from './layer-catalogue.ts';
import { TarReader } from './tar.ts';

export interface ReadLayerOptions {
  /** Digest the stored blob must have, where the source knows it. */
  digest?: string | undefined;
  /** Digest the uncompressed tar must have, where the image config says it. */
  diffId?: string | undefined;
  /** For messages: `layer 3 (sha256:…) of alpine.tar`. */
  label: string;
  /** Called with the number of stored bytes as they come. */
  onBytes?: ((bytes: number) => void) | undefined;
  /** Uncompressed bytes beyond which the layer is refused. */
  maxSize?: number | undefined;
}

export interface ReadLayer {
  catalogue: LayerCatalogue;
  diffId: string;
  /** Digest of the blob as stored. */
  digest: string;
  /** Hard links went by unread for want of a second reading: another source may give more of the same layer. */
  partial: boolean;
}

/** Uncompressed bytes of one layer: far above real ones, and it bounds the time a hostile one can take. */
const DEFAULT_MAX_SIZE = 256 * 2 ** 30;

/**
 * Reads one layer once: decompresses, hashes both forms, walks the tar and catalogues it.
 * @param open gives the stored bytes; called a second time only when a hard link asks for it
 * @param again whether `open` may be called a second time
 * @throws InputError naming the layer: corrupt or cut content, or a digest that does not match
 */
export async function readLayer(
  open: () => AsyncIterable<Buffer>,
  again: boolean,
  options: ReadLayerOptions,
): Promise<ReadLayer> {
  const maxSize = options.maxSize ?? DEFAULT_MAX_SIZE;
  const analyser = new LayerAnalyser();
  const reader = new TarReader(analyser);
  let size = 0;
  try {
    const { head, rest } = await peek(open(), 4);
    const compressed = compressionOf(head) !== 'none';
    const tarHash = hashFor(options.diffId);
    // One hash serves for both where the stored form is the tar itself.
    const shared = !compressed && algorithmOf(options.digest) === algorithmOf(options.diffId);
    const blobHash = shared ? tarHash : hashFor(options.digest);
    const stored = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of rest) {
        if (!shared) blobHash.update(chunk);
        options.onBytes?.(chunk.length);
        yield chunk;
      }
    };
    for await (const chunk of compressed ? decompress(stored()) : stored()) {
      size += chunk.length;
      if (size > maxSize) throw new InputError('layer-too-large', `it is larger than ${maxSize} bytes uncompressed`);
      tarHash.update(chunk);
      reader.write(chunk);
    }
    reader.finish();
    const diffId = digestOf(tarHash, options.diffId);
    const digest = shared ? diffId : digestOf(blobHash, options.digest);
    if (options.digest) verify('digest', options.digest, digest);
    if (options.diffId) verify('diff ID', options.diffId, diffId);
    if (again && analyser.unresolvedLinks.size > 0) {
      const second = new TarReader(analyser.linkReader());
      for await (const chunk of decompress(open())) second.write(chunk);
    }
    const partial = !again && analyser.unresolvedLinks.size > 0;
    return { catalogue: analyser.finish(size, diffId), diffId, digest, partial };
  } catch (error) {
    if (error instanceof InputError) {
      throw new InputError(error.code, `${options.label}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function algorithmOf(digest: string | undefined): string {
  const name = digest?.split(':', 1)[0] ?? 'sha256';
  if (name !== 'sha256' && name !== 'sha512') {
    throw new InputError('digest-unsupported', `its digest ${digest} uses an algorithm other than sha256 and sha512`);
  }
  return name;
}

function hashFor(digest: string | undefined): Hash {
  return createHash(algorithmOf(digest));
}

function digestOf(hash: Hash, like: string | undefined): string {
  return `${algorithmOf(like)}:${hash.digest('hex')}`;
}

function verify(what: string, expected: string, actual: string): void {
  if (expected === actual) return;
  throw new InputError('digest-mismatch', `its ${what} is ${actual}, but the image names ${expected}: the content is not what was published`);
}
