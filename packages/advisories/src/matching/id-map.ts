import { InputError } from '@plimsoll/model';

/** The customer's own ids for flaws: many to many. */
export interface IdMap {
  /** Own ids of a CVE, sorted; none for an unknown one. */
  qidsFor(cve: string): string[];
  /** CVE ids of an own id, sorted. Without regard to case. */
  cvesFor(qid: string): string[];
}

const MAX_ROWS = 2_000_000;
const MAX_ID_LENGTH = 100;
const MAX_LINE = 100_000;
const CVE = /^CVE-\d{4}-\d{4,19}$/i;

/**
 * Reads a CSV of two columns, own id and CVE id, in this order: one pair per row, or several CVE ids
 * in the second column, separated by spaces, commas or semicolons. A header row may come first and
 * then names the columns, in any order and among others. Fields may be quoted.
 * Throws `InputError` where a row is no such pair.
 */
export function parseIdMap(text: string): IdMap {
  const qids = new Map<string, Set<string>>();
  const cves = new Map<string, Set<string>>();
  let columns = { qid: 0, cve: 1 };
  let first = true;
  let row = 0;
  for (const line of linesOf(text)) {
    row++;
    if (line.trim() === '') continue;
    if (row > MAX_ROWS) throw new InputError('id-map-too-long', `the id map has more than ${MAX_ROWS} rows: split it`);
    if (line.length > MAX_LINE) throw bad(row, 'is too long');
    const fields = fieldsOf(line, row);
    if (first) {
      first = false;
      const header = headerOf(fields);
      if (header) {
        columns = header;
        continue;
      }
    }
    const qid = fields[columns.qid] ?? '';
    const ids = (fields[columns.cve] ?? '').split(/[\s,;]+/).filter((id) => id !== '');
    if (qid === '') throw bad(row, 'has no id in its QID column');
    if (qid.length > MAX_ID_LENGTH) throw bad(row, 'has an id that is too long');
    // An own id without a CVE is normal in exports; there is nothing to map.
    for (const id of ids) {
      if (!CVE.test(id)) throw bad(row, `has "${id.slice(0, 40)}" where a CVE id should be`);
      add(qids, id.toUpperCase(), qid);
      add(cves, qid.toUpperCase(), id.toUpperCase());
    }
  }
  return {
    qidsFor: (cve) => [...(qids.get(cve.toUpperCase()) ?? [])].sort(byNumberOrText),
    cvesFor: (qid) => [...(cves.get(qid.trim().toUpperCase()) ?? [])].sort(),
  };
}

function* linesOf(text: string): Generator<string> {
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? undefined : end);
    yield line.endsWith('\r') ? line.slice(0, -1) : line;
    if (end < 0) return;
    start = end + 1;
  }
}

function bad(row: number, what: string): InputError {
  return new InputError('id-map-invalid', `row ${row} of the id map ${what}: rows read QID,CVE`);
}

/** RFC 4180 fields of one line, by comma, or by semicolon or tab where there is no comma. */
function fieldsOf(line: string, row: number): string[] {
  const separator = line.includes(',') ? ',' : line.includes(';') ? ';' : '\t';
  const fields: string[] = [];
  let i = 0;
  for (;;) {
    while (line[i] === ' ') i++;
    if (line[i] === '"') {
      let value = '';
      let from = ++i;
      for (;;) {
        const quote = line.indexOf('"', from);
        if (quote < 0) throw bad(row, 'has a quote that does not end');
        value += line.slice(from, quote);
        i = quote + 1;
        if (line[i] !== '"') break;
        value += '"';
        from = i + 1;
      }
      fields.push(value.trim());
      while (i < line.length && line[i] !== separator) {
        if (line[i] !== ' ') throw bad(row, 'has text behind a quoted field');
        i++;
      }
    } else {
      const end = line.indexOf(separator, i);
      fields.push(line.slice(i, end < 0 ? undefined : end).trim());
      i = end < 0 ? line.length : end;
    }
    if (i >= line.length) return fields;
    i++;
  }
}

/** A first row without any digit that names a CVE column is a header. */
function headerOf(fields: readonly string[]): { qid: number; cve: number } | undefined {
  if (fields.some((field) => /\d/.test(field))) return undefined;
  const names = fields.map((field) => field.toLowerCase().replace(/[^a-z]/g, ''));
  const cve = names.findIndex((name) => /^cves?(?:ids?)?$/.test(name));
  if (cve < 0) return undefined;
  const qid = names.findIndex((name) => /^(?:q|own|customer|plugin)?ids?$/.test(name));
  return { qid: qid >= 0 ? qid : cve === 0 ? 1 : 0, cve };
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function byNumberOrText(a: string, b: string): number {
  return Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0);
}
