import sql, { type Sql } from 'sql-template-tag';
import type { Span } from '../fields.ts';
import { badForm, badValue, emptyRange, valueOf, type Context, type Kind } from './kind.ts';

const EXPECTED = 'a date: 2026-01-31, 2026-01-31T10:00Z, now or now-7d (units m h d w M y)';
const DAY = 86_400_000;
const MILLISECONDS: ReadonlyMap<string, number> = new Map([['m', 60_000], ['h', 3_600_000], ['d', DAY], ['w', 7 * DAY]]);
const ISO = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|z|[+-]\d{2}:?\d{2})?)?)?)?$/;
const RELATIVE = /^now(?:\s*([+-])\s*(\d{1,5})\s*([mhdwMy]))?$/;

/**
 * What a date names, in milliseconds: a day, a month, a minute… as a half-open interval, or a moment, whose ends
 * are the same.
 */
interface Period {
  start: number;
  end: number;
}

/** Calendar months from a moment; the day is the month's last one where it has fewer. */
function addMonths(moment: number, months: number): number {
  const date = new Date(moment);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

function relative(text: string, now: Date): number | undefined {
  const found = RELATIVE.exec(text);
  if (!found) return undefined;
  const [, sign, digits, unit] = found;
  if (unit === undefined) return now.getTime();
  const amount = Number(digits) * (sign === '-' ? -1 : 1);
  if (unit === 'M' || unit === 'y') return addMonths(now.getTime(), unit === 'y' ? amount * 12 : amount);
  return now.getTime() + amount * MILLISECONDS.get(unit)!;
}

function absolute(text: string): Period | undefined {
  const found = ISO.exec(text);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  const start = Date.parse(
    `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}` +
      (zone ? (zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()) : 'Z'),
  );
  // Date.parse takes 30 February for a day of March.
  if (Number.isNaN(start) || (day && Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate())) return undefined;
  if (!month) return { start, end: addMonths(start, 12) };
  if (!day) return { start, end: addMonths(start, 1) };
  if (!hour) return { start, end: start + DAY };
  if (fraction) return { start, end: start };
  return { start, end: start + (second ? 1000 : 60_000) };
}

function read(text: string, span: Span, context: Context): Period {
  const plain = text.trim();
  const moment = relative(plain, context.now);
  const period = moment === undefined ? absolute(plain) : { start: moment, end: moment };
  // What ISO 8601 and PostgreSQL write alike.
  if (!period || !(period.start >= Date.parse('0001-01-01T00:00Z') && period.end < Date.parse('9999-12-31T00:00Z'))) {
    throw badValue(text, span, EXPECTED, context);
  }
  return period;
}

const at = (moment: number): Sql => sql`${new Date(moment).toISOString()}::timestamptz`;

const after = (value: Sql, { start, end }: Period): Sql => (start === end ? sql`${value} > ${at(start)}` : sql`${value} >= ${at(end)}`);
const notAfter = (value: Sql, { start, end }: Period): Sql => (start === end ? sql`${value} <= ${at(start)}` : sql`${value} < ${at(end)}`);

/** A moment asked for as such means the UTC day that has it: nothing happens at a millisecond. */
function within(value: Sql, { start, end }: Period): Sql {
  const from = start === end ? Math.floor(start / DAY) * DAY : start;
  return sql`(${value} >= ${at(from)} and ${value} < ${at(start === end ? from + DAY : end)})`;
}

export const date: Kind = {
  type: 'date',
  expected: EXPECTED,
  meaning:
    'UTC. `2026`, `2026-01`, `2026-01-31`, `2026-01-31T10:00` mean that whole year, month, day, minute; a zone can follow a time: `Z`, `+01:00`. `now`, and `now` plus or minus a number of m (minutes), h, d, w, M (months), y. After a colon, `now` means the day that has it.',
  examples: ['created:2026-01-31', 'created>now-30d', 'created:[now-7d .. now]'],
  test(value, test, context) {
    if (test.kind === 'range') {
      const low = test.low === undefined ? undefined : read(test.low, test, context);
      const high = test.high === undefined ? undefined : read(test.high, test, context);
      if (low && high && low.start > high.start) throw emptyRange(test, context);
      const from = low && (test.lowInclusive ? sql`${value} >= ${at(low.start)}` : after(value, low));
      const to = high && (test.highInclusive ? notAfter(value, high) : sql`${value} < ${at(high.start)}`);
      return from && to ? sql`(${from} and ${to})` : (from ?? to)!;
    }
    const text = valueOf(test);
    if (text === undefined) throw badForm(test, date, context);
    const period = read(text, test, context);
    if (test.kind !== 'compare') return within(value, period);
    switch (test.operator) {
      case '<':
        return sql`${value} < ${at(period.start)}`;
      case '<=':
        return notAfter(value, period);
      case '>':
        return after(value, period);
      case '>=':
        return sql`${value} >= ${at(period.start)}`;
      case '=':
        return within(value, period);
    }
  },
};
