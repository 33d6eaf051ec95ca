import type { Output } from './format.ts';

const CHUNK_LENGTH = 64 * 1024;

/**
 * Writes a JSON object, indented by two as `JSON.stringify(value, null, 2)` would, a line feed at the
 * end. Members that are iterables other than strings become arrays, taken one element at a time: so a
 * report of any size needs memory for one element, not for the document. Undefined members are left out.
 */
export function writeJsonObject(members: Record<string, unknown>, out: Output): void {
  let pending = '';
  const put = (text: string): void => {
    pending += text;
    if (pending.length >= CHUNK_LENGTH) {
      out(pending);
      pending = '';
    }
  };
  let separator = '{\n';
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined) continue;
    put(`${separator}  ${JSON.stringify(key)}: `);
    separator = ',\n';
    if (isIterable(value)) writeElements(value, put);
    else put(indented(value, '  '));
  }
  put(separator === '{\n' ? '{}\n' : '\n}\n');
  if (pending !== '') out(pending);
}

function writeElements(elements: Iterable<unknown>, put: Output): void {
  let separator = '[\n    ';
  for (const element of elements) {
    put(separator + indented(element, '    '));
    separator = ',\n    ';
  }
  put(separator.startsWith('[') ? '[]' : '\n  ]');
}

/** JSON strings hold no raw line feeds, so every one of them in the text is layout. */
function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
