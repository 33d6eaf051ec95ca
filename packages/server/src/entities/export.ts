import { stringify } from 'csv-stringify/sync';
import { ROWS, type EntityName } from '@plimsoll/model/api';
import sql, { raw } from 'sql-template-tag';
import type { Database } from '../context.ts';
import { apiRow, order } from './search.ts';
import type { Selection } from './selection.ts';

/** All rows of a selection as text, piece by piece: memory holds one batch, whatever the number of rows. */
export async function* exported(db: Database, selected: Selection, sort: string | undefined, format: 'csv' | 'json'): AsyncGenerator<string, void, undefined> {
  const { entity, relations, where } = selected;
  const by = order(entity, sort);
  const direction = raw(by.direction);
  const statement = sql`${relations} nothing as (select)
    select ${raw(entity.columns)} from ${raw(entity.from)} where ${where} order by ${by.expression} ${direction} nulls last, ${raw(entity.key)} ${direction}`;
  const write = format === 'csv' ? csv(entity.name) : json();
  for await (const batch of db.stream<object>(statement)) yield write.rows(batch.map((row) => apiRow<Record<string, unknown>>(row)));
  yield write.end();
}

interface Writer {
  rows(rows: Record<string, unknown>[]): string;
  end(): string;
}

function json(): Writer {
  let before = '[';
  return {
    rows(rows) {
      const text = rows.map((row, index) => `${index === 0 ? before : ','}\n${JSON.stringify(row)}`).join('');
      if (rows.length > 0) before = ',';
      return text;
    },
    end: () => (before === '[' ? '[]\n' : '\n]\n'),
  };
}

const SEVERITIES = ['5', '4', '3', '2', '1', 'fixable', 'kev'];

/** Columns are the same for every row; numbers of vulnerabilities are one column each, empty while not scanned. */
function csv(name: EntityName): Writer {
  const columns = Object.keys(ROWS[name].shape).flatMap((column) => (column === 'vulnerabilities' ? SEVERITIES.map((severity) => `vulnerabilities.${severity}`) : [column]));
  let header = true;
  const write = (rows: Record<string, unknown>[]): string => {
    // Spreadsheets run cells that begin with =, +, -, @ as formulas: such texts get an apostrophe.
    const text = stringify(rows.map((row) => columns.map((column) => cell(row, column))), { columns, header, escape_formulas: true, record_delimiter: '\r\n' });
    header = false;
    return text;
  };
  return { rows: write, end: () => (header ? write([]) : '') };
}

function cell(row: Record<string, unknown>, column: string): string | number | null {
  const [name = '', severity] = column.split('.');
  const value = row[name];
  if (value === null || value === undefined) return null;
  if (severity !== undefined) return (value as Record<string, number>)[severity] ?? null;
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(item).join('; ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function item(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { registry, repository, tag, digest } = value as Record<string, string | null>;
  return `${registry}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}
