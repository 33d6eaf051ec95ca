import * as zlib from 'node:zlib';

/** The CRC-32 of zip and gzip: polynomial 0xEDB88320, reflected. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The CRC-32 of bytes, as an unsigned number. */
export const crc32: (data: Uint8Array) => number =
  // Node 22 has it built in, ten times as fast.
  (zlib as { crc32?: (data: Uint8Array) => number }).crc32 ??
  ((data) => {
    let crc = -1;
    for (let i = 0; i < data.length; i++) crc = TABLE[(crc ^ data[i]!) & 0xff]! ^ (crc >>> 8);
    return ~crc >>> 0;
  });
