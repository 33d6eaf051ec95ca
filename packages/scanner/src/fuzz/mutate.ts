import type { Random } from './random.ts';

/** Longer inputs than this are cut: what breaks a parser rarely needs more, and short inputs are tried more often. */
export const MAX_INPUT = 1 << 20;

/** Numbers at the borders of what counts, lengths and offsets can hold. */
const NUMBERS = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const NUMBER_TEXTS = ['0', '-1', '1', '65536', '4294967295', '4294967296', '9007199254740992', '99999999999999999999', '1e309', 'NaN', '0x10', '77777777777'];
const TEXTS = ['__proto__', 'constructor', '"', '\\', '\0', '\n', '\r\n', '\t', '=', ':', '/', '../', '!/', '%', '\u001b[2J', '\u202e', '\ufffd', '{', '}', '[', ']', '<', '>', '#', ' '];

type Mutation = (input: Buffer, random: Random, others: readonly Buffer[], tokens: readonly string[]) => Buffer;

function splice(input: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), added, input.subarray(at + removed)]);
}

const flipBits: Mutation = (input, random) => {
  const out = Buffer.from(input);
  for (let n = 1 + random.below(8); n > 0 && out.length > 0; n--) out[random.below(out.length)]! ^= 1 << random.below(8);
  return out;
};

const setBytes: Mutation = (input, random) => {
  const out = Buffer.from(input);
  const at = random.below(out.length);
  out.fill(random.pick([0, 0xff, 0x20, 0x41, random.below(256)]), at, Math.min(out.length, at + 1 + random.below(16)));
  return out;
};

const truncate: Mutation = (input, random) => input.subarray(0, random.below(input.length + 1));

const removePart: Mutation = (input, random) => splice(input, random.below(input.length), 1 + random.below(random.pick([4, 64, 4096])), Buffer.alloc(0));

/** The same bytes many times over: what is quadratic shows by it. */
const repeatPart: Mutation = (input, random) => {
  const at = random.below(input.length);
  const part = input.subarray(at, at + 1 + random.below(random.pick([1, 8, 64, 4096])));
  const times = Math.min(random.pick([2, 10, 1000, 100_000]), Math.floor(random.pick([4096, MAX_INPUT / 4]) / Math.max(1, part.length)));
  return splice(input, at, 0, Buffer.concat(Array.from({ length: Math.max(1, times) }, () => part)));
};

const spliceOther: Mutation = (input, random, others) => {
  const other = random.pick(others);
  const from = random.below(other.length);
  return splice(input, random.below(input.length + 1), random.pick([0, 0, random.below(64)]), other.subarray(from, from + 1 + random.below(other.length - from)));
};

const crossOver: Mutation = (input, random, others) => {
  const other = random.pick(others);
  return Buffer.concat([input.subarray(0, random.below(input.length + 1)), other.subarray(random.below(other.length + 1))]);
};

const insertToken: Mutation = (input, random, _others, tokens) => {
  const token = Buffer.from(random.pick(random.pick([tokens.length > 0 ? tokens : TEXTS, TEXTS, NUMBER_TEXTS])), 'latin1');
  return splice(input, random.below(input.length + 1), random.pick([0, token.length]), token);
};

/** A binary length, count or offset becomes an extreme one. */
const setNumber: Mutation = (input, random) => {
  const width = random.pick([1, 2, 4, 8]);
  if (input.length < width) return input;
  const out = Buffer.from(input);
  const at = random.below(out.length - width + 1);
  const value = random.pick([random.pick(NUMBERS), out.length, out.length - at, at]);
  if (width === 8) out.writeBigUInt64LE(random.pick([BigInt(value), 0xffffffffffffffffn, 0x7fffffffffffffffn, 1n << 53n]), at);
  else if (random.below(2) === 0) out.writeUIntLE(value % 2 ** (width * 8), at, width);
  else out.writeUIntBE(value % 2 ** (width * 8), at, width);
  return out;
};

/** A number in digits becomes another. */
const setDigits: Mutation = (input, random) => {
  const text = input.toString('latin1');
  const found = [...text.slice(0, 65536).matchAll(/\d+/g)];
  if (found.length === 0) return input;
  const { index, 0: digits } = random.pick(found);
  return splice(input, index, digits.length, Buffer.from(random.pick(NUMBER_TEXTS)));
};

const deepNesting: Mutation = (input, random) => {
  const [open, close] = random.pick([['[', ']'], ['{"a":', '}'], ['(', ')'], ['<a>', '</a>']] as const);
  const depth = random.pick([10, 1000, 50_000]);
  return splice(input, random.below(input.length + 1), 0, Buffer.from(open.repeat(depth) + random.pick(['', '1' + close.repeat(depth)])));
};

const MUTATIONS: readonly Mutation[] = [
  flipBits, flipBits, setBytes, truncate, removePart, repeatPart, spliceOther, crossOver, insertToken, insertToken, setNumber, setNumber, setDigits, deepNesting,
];

/** Changes an input in one to four ways. */
export function mutate(input: Buffer, random: Random, others: readonly Buffer[], tokens: readonly string[]): Buffer {
  let out = input;
  for (let n = 1 + random.below(4); n > 0; n--) {
    out = random.pick(MUTATIONS)(out, random, others, tokens);
    if (out.length > MAX_INPUT) out = out.subarray(0, MAX_INPUT);
    if (out.length === 0) out = Buffer.from([0]);
  }
  return out;
}
