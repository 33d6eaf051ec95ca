import { InputError } from '@plimsoll/model';
import { openSync, readSync, closeSync, readFileSync, statSync } from 'node:fs';
import { requireFile } from './file-reference.ts';
import { MAX_SBOM_SIZE, readSbom, startsLikeSbom } from './sbom-reader.ts';
import type { ImageSource } from './source.ts';

/** An SBOM that someone made before, in place of the image. */
export const sbomDocument: ImageSource = {
  kind: 'sbom',
  scheme: 'sbom',
  detects(reference) {
    if (!statSync(reference, { throwIfNoEntry: false })?.isFile()) return false;
    const head = Buffer.alloc(64 << 10);
    const fd = openSync(reference, 'r');
    try {
      return startsLikeSbom(head.subarray(0, readSync(fd, head, 0, head.length, 0)));
    } finally {
      closeSync(fd);
    }
  },
  async read(reference) {
    requireFile(reference);
    const { size } = statSync(reference);
    if (size > MAX_SBOM_SIZE) throw new InputError('sbom-unreadable', `${reference}: it is ${size} bytes long; at most ${MAX_SBOM_SIZE} are read`);
    return readSbom(readFileSync(reference), reference);
  },
};
