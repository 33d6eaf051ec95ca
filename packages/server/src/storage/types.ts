import { types } from 'pg';
import type { CustomTypesConfig } from 'pg';

/**
 * How values come back: int8 and numeric as numbers while exact (text beyond 2^53, so that nothing is silently
 * rounded), timestamptz as Date, date as 'YYYY-MM-DD': a day has no time zone. The rest as pg has it.
 */

const OID = { int8: 20, textArray: 1009, date: 1082, timestamp: 1114, numeric: 1700, int8Array: 1016, dateArray: 1182, numericArray: 1231 } as const;

function wholeNumber(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

function decimal(text: string): number | string {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

const asText = (text: string): string => text;
const texts = types.getTypeParser(OID.textArray as number) as (text: string) => (string | null)[];
/** Arrays of one dimension. */
const list = (parse: (text: string) => unknown) => (text: string) => texts(text).map((item) => (item === null ? null : parse(item)));

const PARSERS = new Map<number, (text: string) => unknown>([
  [OID.int8, wholeNumber],
  [OID.numeric, decimal],
  [OID.date, asText],
  // Without a zone it means UTC here, as all times that the server keeps.
  [OID.timestamp, (text) => new Date(`${text.replace(' ', 'T')}Z`)],
  [OID.int8Array, list(wholeNumber)],
  [OID.numericArray, list(decimal)],
  [OID.dateArray, list(asText)],
]);

export const TYPES: CustomTypesConfig = {
  getTypeParser: (id, format) => (format === 'binary' ? undefined : PARSERS.get(id)) ?? (types.getTypeParser(id, format) as unknown),
};
