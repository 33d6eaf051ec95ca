import { InputError } from '@plimsoll/model';
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { requireFile } from './file-reference.ts';
import { MAX_SBOM_SIZE, readSbom, startsLikeSbom } from './sbom-reader.ts';
import type { ImageSource } from './source.ts';

/** Enough for the first members of any document; some tools put a long `$schema` first. */
const HEAD_SIZE = 4096;

/** An SBOM in a file: CycloneDX or SPDX, in JSON. */
export const sbom: ImageSource = {
  kind: 'sbom',
  scheme: 'sbom',
  detects(reference) {
    return statSync(reference, { throwIfNoEntry: false })?.isFile() === true && startsLikeSbom(head(reference));
  },
  read(reference) {
    requireFile(reference);
    const { size } = statSync(reference);
    if (size > MAX_SBOM_SIZE) {
      throw new InputError('sbom-unreadable', `${reference}: the SBOM has ${size} bytes; at most ${MAX_SBOM_SIZE} are read`);
    }
    return Promise.resolve(readSbom(readFileSync(reference), reference));
  },
};

function head(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(HEAD_SIZE);
    return buffer.subarray(0, readSync(file, buffer, 0, HEAD_SIZE, 0));
  } finally {
    closeSync(file);
  }
}
