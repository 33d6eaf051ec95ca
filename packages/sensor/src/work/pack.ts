import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { InputError, type Sbom } from '@plimsoll/model';

/** The server's bounds on an SBOM, unpacked and as it travels. */
const MAX_JSON = 64 * 1024 * 1024;
const MAX_BASE64 = 48 * 1024 * 1024;

/** An SBOM as it travels: base64 of gzipped JSON. @throws InputError `sbom-too-large` */
export async function packSbom(sbom: Sbom): Promise<string> {
  const json = Buffer.from(JSON.stringify(sbom));
  if (json.length > MAX_JSON) throw new InputError('sbom-too-large', `its SBOM of ${sbom.packages.length} packages takes ${json.length} bytes, more than the ${MAX_JSON} that the server takes`);
  const packed = (await promisify(gzip)(json)).toString('base64');
  if (packed.length > MAX_BASE64) throw new InputError('sbom-too-large', `its SBOM of ${sbom.packages.length} packages takes ${packed.length} bytes packed, more than the ${MAX_BASE64} that the server takes`);
  return packed;
}
