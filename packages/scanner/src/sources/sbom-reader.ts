import { InputError, type Sbom } from '@plimsoll/model';
import { excerpt } from '../catalogers/names.ts';
import { asObject } from './json.ts';
import { readCycloneDx } from './sbom/cyclonedx.ts';
import { maxJsonDepth } from './sbom/json-depth.ts';
import { readSpdx } from './sbom/spdx.ts';

/** Largest document in bytes; V8 cannot hold a longer string either. */
export const MAX_SBOM_SIZE = 512 << 20;
/** CycloneDX nests components and licences; no tool writes documents near this depth. */
const MAX_DEPTH = 100;

/**
 * Reads an SBOM: CycloneDX JSON, 1.4 to 1.6 and the neighbouring 1.2, 1.3 and 1.7, which list packages alike,
 * or SPDX 2.3 JSON.
 *
 * Packages are known by their package URL; what has none, or one of a type that is not known here, is
 * left out with a warning that marks the result incomplete. What Plimsoll's own documents say beyond
 * their format (layers, source packages, evidence paths) is read back.
 *
 * @param reference what the person typed, for the result and for messages
 * @throws InputError `sbom-unreadable` for what is no such document
 */
export function readSbom(bytes: Buffer, reference: string): Sbom {
  const fail = (reason: string): InputError => new InputError('sbom-unreadable', `${reference}: ${reason}`);
  if (bytes.length > MAX_SBOM_SIZE) {
    throw fail(`the SBOM has ${bytes.length} bytes; at most ${MAX_SBOM_SIZE} are read`);
  }
  const misfit = otherFormat(bytes);
  if (misfit !== undefined) throw fail(misfit);
  if (maxJsonDepth(bytes, MAX_DEPTH) > MAX_DEPTH) throw fail(`the JSON is nested more than ${MAX_DEPTH} deep; no SBOM is`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's message quotes the document, line feeds and all.
    throw fail(`the SBOM is no valid JSON: ${excerpt((error as Error).message, 200)}`);
  }
  const document = asObject(value);
  if (!document) throw fail('the JSON is no object, so it is neither a CycloneDX nor an SPDX document');

  if (document['bomFormat'] === 'CycloneDX') {
    const version = typeof document['specVersion'] === 'string' ? excerpt(document['specVersion'], 20) : 'without specVersion';
    if (!/^1\.[2-7]$/.test(version)) throw fail(`CycloneDX ${version} is not read; convert it to 1.6`);
    return readCycloneDx(document, reference);
  }
  if (typeof document['spdxVersion'] === 'string') {
    const version = excerpt(document['spdxVersion'], 20);
    if (version !== 'SPDX-2.3') throw fail(`${version} is not read; convert it to SPDX 2.3 JSON`);
    return readSpdx(document, reference);
  }
  if ('@context' in document || '@graph' in document) throw fail('SPDX 3 is not read; convert it to SPDX 2.3 JSON');
  throw fail('neither "bomFormat": "CycloneDX" nor "spdxVersion" is there, so it is not an SBOM that can be read');
}

/** Whether the first bytes of a file look like those of an SBOM in JSON; for telling kinds of files apart. */
export function startsLikeSbom(head: Buffer): boolean {
  const text = head.toString('utf8');
  return /^\uFEFF?\s*\{/.test(text) && /"(?:bomFormat|spdxVersion|SPDXID)"|"\$schema"\s*:\s*"https?:\/\/cyclonedx\.org\//.test(text);
}

/** Says what the document is when it is one of the formats that people mistake for the readable ones. */
function otherFormat(bytes: Buffer): string | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'the SBOM is compressed with gzip; unpack it first';
  const head = bytes.subarray(0, 4096).toString('utf8').replace(/^\uFEFF/, '').trimStart();
  if (head === '') return 'the SBOM is empty';
  if (head.startsWith('<')) return 'the SBOM is XML; only JSON is read (CycloneDX 1.4 to 1.6, SPDX 2.3)';
  if (/^(?:SPDXVersion:|##)/.test(head)) return 'the SBOM is in the SPDX tag-value form; only JSON is read';
  return undefined;
}
