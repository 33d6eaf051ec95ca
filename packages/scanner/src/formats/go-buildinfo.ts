import { PF_W, PF_X, PT_LOAD, type Elf } from './elf.ts';
import type { RandomAccess } from './random-access.ts';

/**
 * The block of build information that the Go linker puts into each program since Go 1.13: a 32-byte
 * header and two strings. Its layout is described by Go's own reader, the package debug/buildinfo.
 * @see https://pkg.go.dev/debug/buildinfo
 */
export interface GoBuildInfo {
  /** As the toolchain spells it: `go1.22.3`, `go1.21.0 X:boringcrypto`, `devel go1.23-0a1b2c3 …`. */
  goVersion: string;
  /** Import path of the main package. */
  path?: string;
  main?: GoModule;
  deps: GoModule[];
  /** Build settings: `-ldflags`, `vcs.revision`, `GOARCH`… */
  settings: Map<string, string>;
}

export interface GoModule {
  path: string;
  version: string;
  /** What was compiled instead, by a `replace` directive. A local directory has the version `(devel)` or none. */
  replace?: { path: string; version: string };
}

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const HEADER_SIZE = 32;
const ALIGNMENT = 16;
const FLAG_BIG_ENDIAN = 0x1;
const FLAG_INLINE_STRINGS = 0x2;
/** Kubernetes' and Docker's largest programs carry below 64 KiB. */
const MAX_STRING = 4 * 1024 * 1024;
/** The linker places the block near the start of the data; external linkers may put relocated data before it. */
const MAX_SCAN = 16 * 1024 * 1024;
const MAX_MODULES = 20_000;
/** Each of the two frames around the module text: a random sentinel that lets tools find it. */
const FRAME = 16;

/**
 * Undefined: not a Go program, or one older than Go 1.13. `corrupt`: the block is there but cannot be read.
 * Costs no more than the section table for a program of another language that has one.
 */
export function readGoBuildInfo(elf: Elf, content: RandomAccess): GoBuildInfo | 'corrupt' | undefined {
  const at = locate(elf, content);
  if (at === undefined) return undefined;
  const header = content.read(at, HEADER_SIZE);
  if (header.length < HEADER_SIZE || !header.subarray(0, MAGIC.length).equals(MAGIC)) return 'corrupt';
  const strings = header[15]! & FLAG_INLINE_STRINGS
    ? inlineStrings(content, at + HEADER_SIZE)
    : pointedStrings(elf, header);
  if (!strings || strings.version.length === 0) return 'corrupt';
  const info: GoBuildInfo = { goVersion: strings.version.toString('utf8'), deps: [], settings: new Map() };
  const { modules } = strings;
  if (modules.length >= 2 * FRAME + 1 && modules[modules.length - FRAME - 1] === 0x0a) {
    parseModules(modules.toString('utf8', FRAME, modules.length - FRAME), info);
  }
  return info;
}

function locate(elf: Elf, content: RandomAccess): number | undefined {
  const section = elf.section('.go.buildinfo');
  if (section) return section.offset;
  if (elf.sections.length > 0) return undefined;
  // Section headers were stripped: the block lies in the first segment of writable data.
  const data = elf.segments.find((s) => s.type === PT_LOAD && s.fileSize > 0 && (s.flags & (PF_W | PF_X)) === PF_W);
  if (!data) return undefined;
  const bytes = content.read(data.offset, Math.min(data.fileSize, MAX_SCAN));
  for (let hit = bytes.indexOf(MAGIC); hit >= 0; hit = bytes.indexOf(MAGIC, hit + 1)) {
    if ((data.vaddr + hit) % ALIGNMENT === 0) return data.offset + hit;
  }
  return undefined;
}

interface RawStrings {
  version: Buffer;
  modules: Buffer;
}

/** Go 1.18 and later: the strings follow the header, each after its length as a varint. */
function inlineStrings(content: RandomAccess, offset: number): RawStrings | undefined {
  const version = varintString(content, offset);
  const modules = version && varintString(content, version.end);
  return modules && { version: version.bytes, modules: modules.bytes };
}

function varintString(content: RandomAccess, offset: number): { bytes: Buffer; end: number } | undefined {
  const head = content.read(offset, 10);
  let length = 0;
  for (let i = 0; i < head.length; i++) {
    length += (head[i]! & 0x7f) * 2 ** (7 * i);
    if (length > MAX_STRING) return undefined;
    if (head[i]! & 0x80) continue;
    const start = offset + i + 1;
    const bytes = content.read(start, length);
    return bytes.length === length ? { bytes, end: start + length } : undefined;
  }
  return undefined;
}

/** Before Go 1.18: the header points at two Go string headers (address, length) in the loaded program. */
function pointedStrings(elf: Elf, header: Buffer): RawStrings | undefined {
  // The block repeats the program's pointer size and byte order; where they differ, one of them is wrong.
  if (header[14] !== elf.pointerSize || Boolean(header[15]! & FLAG_BIG_ENDIAN) !== elf.bigEndian) return undefined;
  const version = pointedString(elf, elf.pointer(header, 16));
  if (!version) return undefined;
  return { version, modules: pointedString(elf, elf.pointer(header, 16 + elf.pointerSize)) ?? Buffer.alloc(0) };
}

function pointedString(elf: Elf, address: number): Buffer | undefined {
  const header = elf.bytesAt(address, 2 * elf.pointerSize);
  if (!header) return undefined;
  const length = elf.pointer(header, elf.pointerSize);
  return length > MAX_STRING ? undefined : elf.bytesAt(elf.pointer(header, 0), length);
}

/** Fills in the tab-separated lines `path`, `mod`, `dep`, `=>` and `build`. Lines that break the format are left out. */
function parseModules(text: string, info: GoBuildInfo): void {
  let last: GoModule | undefined;
  for (const line of text.split('\n')) {
    const [keyword, first = '', second = ''] = line.split('\t', 4);
    switch (keyword) {
      case 'path':
        info.path = first;
        break;
      case 'mod':
        last = info.main = { path: first, version: second };
        break;
      case 'dep':
        if (info.deps.length >= MAX_MODULES) return;
        last = { path: first, version: second };
        info.deps.push(last);
        break;
      case '=>':
        if (last) last.replace = { path: first, version: second };
        last = undefined;
        break;
      case 'build':
        addSetting(line.slice('build\t'.length), info.settings);
        break;
    }
  }
}

function addSetting(text: string, settings: Map<string, string>): void {
  // Keys that need quotes exist in principle only: the go command writes none.
  const equals = text.indexOf('=');
  if (equals > 0) settings.set(text.slice(0, equals), unquoteGo(text.slice(equals + 1)));
}

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * The value of a Go string literal; text that is not quoted is returned as it is.
 * @see https://go.dev/ref/spec#String_literals
 */
export function unquoteGo(text: string): string {
  if (text.length >= 2 && text.startsWith('`') && text.endsWith('`')) return text.slice(1, -1);
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([0-7]{3})|(.))/gi, (_, hex, unicode, octal, plain) => {
      if (hex ?? unicode) return String.fromCharCode(parseInt(hex ?? unicode, 16));
      if (octal) return String.fromCharCode(parseInt(octal, 8));
      return Object.hasOwn(ESCAPES, plain) ? ESCAPES[plain]! : plain;
    });
}
