/**
 * A tar writer for test images: everything layers contain in the wild, and on request what they
 * should not. Headers follow POSIX ustar and pax (IEEE 1003.1) and, where asked, GNU tar.
 */

/** One member of a tar. Paths are written as given: `./a`, `/a` and `../a` too. */
export interface TarEntry {
  path: string;
  /** Default `file`. */
  type?: 'file' | 'dir' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
  content?: string | Buffer;
  /** Target of a symlink or hard link. */
  target?: string;
  /** Permission bits with setuid, setgid and sticky. Default 0o644, folders and links 0o755. */
  mode?: number;
  uid?: number;
  gid?: number;
  /** Seconds since 1970. Default 0, so that the same input gives the same bytes. */
  mtime?: number;
  /** Numbers of a device. Default 0, 0: what overlay file systems use as a whiteout. */
  device?: [major: number, minor: number];
  /** Further pax records: `{ 'SCHILY.xattr.user.a': 'b' }`. */
  pax?: Record<string, string>;
  /** How names over 100 bytes are written. Default `pax`; `prefix` splits them as ustar does. */
  longNames?: 'pax' | 'gnu' | 'prefix';
  /** A sparse file: `size` bytes, zero but for the chunks, in order and without overlap. */
  sparse?: { size: number; chunks: { offset: number; data: Buffer }[]; format?: 'gnu' | 'pax-1.0' };
  /** Write this size into the header instead of the content's own: for broken tars. */
  claimedSize?: number;
  /** Write this type flag instead of the type's own: for broken tars. */
  flag?: string;
}

export const BLOCK = 512;

/** A file. */
export function file(path: string, content: string | Buffer = '', mode?: number): TarEntry {
  return mode === undefined ? { path, content } : { path, content, mode };
}

export function dir(path: string, mode = 0o755): TarEntry {
  return { path: path.endsWith('/') ? path : `${path}/`, type: 'dir', mode };
}

export function symlink(path: string, target: string): TarEntry {
  return { path, type: 'symlink', target };
}

export function hardlink(path: string, target: string): TarEntry {
  return { path, type: 'hardlink', target };
}

/** Removes `path` of the layers below. @see OCI image-spec layer.md, "Whiteouts" */
export function whiteout(path: string): TarEntry {
  const slash = path.lastIndexOf('/') + 1;
  return { path: `${path.slice(0, slash)}.wh.${path.slice(slash)}` };
}

/** Hides everything that the layers below have in a folder. */
export function opaque(folder: string): TarEntry {
  return { path: `${folder.replace(/\/$/, '')}/.wh..wh..opq` };
}

/** A whole tar: the entries and two blocks of zeros. */
export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(member), Buffer.alloc(2 * BLOCK)]);
}

/** One member with its extension headers, content and padding. */
export function member(entry: TarEntry): Buffer[] {
  const out: Buffer[] = [];
  const pax: Record<string, string> = { ...entry.pax };
  let content: Buffer = Buffer.from(entry.content ?? '');
  let flag = entry.flag ?? FLAGS[entry.type ?? 'file'];
  let name = entry.path;
  let prefix = '';
  let sparseHeader: Buffer | undefined;

  if (entry.sparse?.format === 'pax-1.0') {
    pax['GNU.sparse.major'] = '1';
    pax['GNU.sparse.minor'] = '0';
    pax['GNU.sparse.name'] = name;
    pax['GNU.sparse.realsize'] = String(entry.sparse.size);
    content = sparseContent(entry.sparse, true);
  } else if (entry.sparse) {
    flag = 'S';
    content = sparseContent(entry.sparse, false);
    sparseHeader = gnuSparseFields(entry.sparse);
  }

  const target = entry.target ?? '';
  const style = entry.longNames ?? 'pax';
  if (Buffer.byteLength(name) > 100) {
    if (style === 'prefix') [prefix, name] = splitName(name);
    else if (style === 'gnu') out.push(...gnuLong('L', name));
    else pax['path'] = name;
  }
  if (Buffer.byteLength(target) > 100) {
    if (style === 'gnu') out.push(...gnuLong('K', target));
    else pax['linkpath'] = target;
  }
  // ustar has 11 octal digits for a size: 8 GiB less a byte.
  const size = entry.claimedSize ?? content.length;
  if (size >= 8 ** 11) pax['size'] = String(size);

  if (Object.keys(pax).length > 0) {
    const records = Buffer.from(Object.entries(pax).map(([key, value]) => paxRecord(key, value)).join(''));
    out.push(header({ path: 'PaxHeaders/0', mode: 0o644 }, { name: 'PaxHeaders/0', flag: 'x', size: records.length }), padded(records));
  }
  out.push(header(entry, { name, prefix, flag, size, target, ...(sparseHeader && { sparseHeader }) }), padded(content));
  return out;
}

const FLAGS: Record<NonNullable<TarEntry['type']>, string> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
};

interface HeaderFields {
  name: string;
  flag: string;
  size: number;
  prefix?: string;
  target?: string;
  sparseHeader?: Buffer;
}

function header(entry: TarEntry, fields: HeaderFields): Buffer {
  const block = Buffer.alloc(BLOCK);
  const isPlain = entry.type === undefined || entry.type === 'file';
  put(block, 0, 100, fields.name);
  octal(block, 100, 8, entry.mode ?? (isPlain ? 0o644 : 0o755));
  octal(block, 108, 8, entry.uid ?? 0);
  octal(block, 116, 8, entry.gid ?? 0);
  octal(block, 124, 12, fields.size < 8 ** 11 ? fields.size : 0);
  octal(block, 136, 12, entry.mtime ?? 0);
  put(block, 156, 1, fields.flag);
  put(block, 157, 100, fields.target ?? '');
  if (fields.sparseHeader) {
    put(block, 257, 8, 'ustar  ');
    fields.sparseHeader.copy(block, 345);
  } else {
    put(block, 257, 6, 'ustar');
    put(block, 263, 2, '00');
    put(block, 345, 155, fields.prefix ?? '');
  }
  octal(block, 329, 8, entry.device?.[0] ?? 0);
  octal(block, 337, 8, entry.device?.[1] ?? 0);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function put(block: Buffer, offset: number, length: number, text: string): void {
  Buffer.from(text).copy(block, offset, 0, length);
}

function octal(block: Buffer, offset: number, length: number, value: number): void {
  block.write(value.toString(8).padStart(length - 1, '0'), offset, length - 1, 'latin1');
}

export function padded(content: Buffer): Buffer {
  const rest = content.length % BLOCK;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(BLOCK - rest)]);
}

/** A record's length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const body = Buffer.byteLength(` ${key}=${value}\n`);
  let length = body + String(body).length;
  if (String(length).length !== String(body).length) length = body + String(length).length;
  return `${String(length)} ${key}=${value}\n`;
}

function gnuLong(flag: 'L' | 'K', text: string): Buffer[] {
  const content = Buffer.from(`${text}\0`);
  const block = header({ path: '././@LongLink' }, { name: '././@LongLink', flag, size: content.length });
  return [block, padded(content)];
}

/** Splits at a slash so that both parts fit: up to 155 bytes of prefix, 100 of name. */
function splitName(path: string): [prefix: string, name: string] {
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const prefix = path.slice(0, at);
    const name = path.slice(at + 1);
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name];
  }
  throw new Error(`${path} does not fit ustar's prefix and name`);
}

/** The chunks' data; for pax 1.0 after the map, which is decimal lines padded to a block. */
function sparseContent(sparse: NonNullable<TarEntry['sparse']>, withMap: boolean): Buffer {
  const data = sparse.chunks.map((chunk) => chunk.data);
  if (!withMap) return Buffer.concat(data);
  const map = sparseMap(sparse);
  const lines = [map.length, ...map.flat()];
  return Buffer.concat([padded(Buffer.from(lines.map((n) => `${String(n)}\n`).join(''))), ...data]);
}

/** GNU tar's old sparse header from offset 345: 41 unused bytes, four (offset, size) pairs, a flag, the real size. */
function gnuSparseFields(sparse: NonNullable<TarEntry['sparse']>): Buffer {
  const map = sparseMap(sparse);
  if (map.length > 4) throw new Error('the old GNU sparse header holds four chunks');
  const fields = Buffer.alloc(155);
  map.forEach(([offset, length], index) => {
    gnuNumber(fields, 41 + index * 24, offset);
    gnuNumber(fields, 53 + index * 24, length);
  });
  gnuNumber(fields, 41 + 4 * 24 + 1, sparse.size);
  return fields;
}

/** Offset and length of each chunk; a hole at the end is written as an empty chunk there, as GNU tar does. */
function sparseMap(sparse: NonNullable<TarEntry['sparse']>): [offset: number, length: number][] {
  const map = sparse.chunks.map((chunk): [number, number] => [chunk.offset, chunk.data.length]);
  const last = map.at(-1);
  if (!last || last[0] + last[1] < sparse.size) map.push([sparse.size, 0]);
  return map;
}

/** Twelve bytes: octal, or base 256 with the top bit set when octal does not reach. */
function gnuNumber(block: Buffer, offset: number, value: number): void {
  if (value < 8 ** 11) octal(block, offset, 12, value);
  else {
    block[offset] = 0x80;
    block.writeBigUInt64BE(BigInt(value), offset + 4);
  }
}
