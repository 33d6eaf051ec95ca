import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import type { Sbom } from '@plimsoll/model';

/** As large as the protocol lets an SBOM be when unpacked. */
const MAX_BYTES = 64 * 1024 * 1024;
const unzip = promisify(gunzip);

/** The SBOM of a stored document, which was checked when it was taken in. @throws Error when it is damaged. */
export async function unpackDocument(document: Uint8Array): Promise<Sbom> {
  return JSON.parse((await unzip(document, { maxOutputLength: MAX_BYTES })).toString('utf8')) as Sbom;
}

/** The same without a turn of the event loop, for worker threads. */
export function unpackDocumentSync(document: Uint8Array): Sbom {
  return JSON.parse(gunzipSync(document, { maxOutputLength: MAX_BYTES }).toString('utf8')) as Sbom;
}
