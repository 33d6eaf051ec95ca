import { isIP } from 'node:net';
import sql, { type Sql } from 'sql-template-tag';
import type { Span } from '../fields.ts';
import { badForm, badValue, valueOf, type CompareOperator, type Context, type Kind } from './kind.ts';
import { OPERATORS } from './number.ts';
import { likePattern } from './text.ts';

const EXPECTED = 'an IP address or a range, such as 10.0.0.5 or 10.0.0.0/8';

/** A function of the database: null for a text that is no address. See the migration `version-order`. */
const inet = (value: Sql): Sql => sql`plimsoll_inet(${value})`;

function read(text: string, span: Span, context: Context): { address: string; network: boolean } {
  const plain = text.trim();
  const [address = '', bits, ...rest] = plain.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  const valid = version > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)));
  if (!valid) throw badValue(text, span, EXPECTED, context);
  return { address: plain, network: bits !== undefined };
}

function compare(value: Sql, operator: CompareOperator, text: string, span: Span, context: Context): Sql {
  const { address, network } = read(text, span, context);
  if (!network) return sql`${inet(value)} ${OPERATORS[operator]} ${address}::inet`;
  if (operator !== '=') throw badValue(text, span, 'an IP address', context);
  // 10.1.2.3/8 means the network it is in.
  return sql`${inet(value)} <<= network(${address}::inet)`;
}

export const address: Kind = {
  type: 'address',
  expected: EXPECTED,
  meaning:
    'An IP address, or all that are in a CIDR range. An address that begins with two colons can be written as it is.',
  examples: ['address:10.0.0.0/8', 'gateway:10.1.2.1', 'address:192.168.*'],
  test(value, test, context) {
    if (test.kind === 'wildcard') return sql`${value} like ${likePattern(test.pattern.toLowerCase())}::text`;
    if (test.kind === 'range') {
      const from = test.low === undefined ? undefined : compare(value, test.lowInclusive ? '>=' : '>', test.low, test, context);
      const to = test.high === undefined ? undefined : compare(value, test.highInclusive ? '<=' : '<', test.high, test, context);
      return from && to ? sql`(${from} and ${to})` : (from ?? to)!;
    }
    const text = valueOf(test);
    if (text === undefined) throw badForm(test, address, context);
    return compare(value, test.kind === 'compare' ? test.operator : '=', text, test, context);
  },
};
