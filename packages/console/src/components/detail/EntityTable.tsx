import type { EntityName, RowOf } from '@plimsoll/model/api';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../../api/queries.ts';
import { formatNumber } from '../../format.ts';
import { linkTo, useUrlState } from '../../url.ts';
import { DataTable } from '../DataTable.tsx';
import type { Column } from '../DataTable.tsx';
import { Link } from '../Link.tsx';
import { useServerRows } from '../rows.ts';
import { SeverityLegend } from '../Severity.tsx';
import { TableBox } from './TableBox.tsx';

interface EntityTableProps<E extends EntityName> {
  entity: E;
  /** Query whose rows are shown; the same one opens as a list of its own. */
  query: string;
  columns: readonly Column<RowOf[E]>[];
  /** Columns that would say the same in each row here. */
  without?: readonly string[];
  href: (row: RowOf[E]) => string | null;
  label: string;
  empty: ReactNode;
}

const STATE = { order: '' };

/** Rows of a search within a page, in the columns of their list. */
export function EntityTable<E extends EntityName>({ entity, query, columns, without, href, label, empty }: EntityTableProps<E>) {
  const [{ order }, set] = useUrlState(STATE);
  const fields = useApi('fields', { params: { entity } });
  const sortable = useMemo(() => new Set(fields.data?.fields.filter((field) => field.sortable).map((field) => field.name)), [fields.data]);
  const shown = useMemo(() => columns.filter((column) => !without?.includes(column.id)).map((column) => onlySortable(column, sortable)), [columns, without, sortable]);
  // The order of one table on the page may name a field that another has not.
  const sort = sortable.has(order.replace(/^-/, '')) ? order : '';
  const rows = useServerRows(entity, query, sort);
  return (
    <div className="stack">
      <TableBox note={rows.total > 0}>
        {(maxHeight) => <DataTable label={label} columns={shown} rows={rows} rowKey={(row) => row.id} href={href} sort={sort === '' ? rows.sort : sort} onSort={(next) => set({ order: next })} maxHeight={maxHeight} empty={empty} />}
      </TableBox>
      {rows.total > 0 && <p className="small"><Link href={linkTo.list(entity, query)} className="link-in-text">Open {rows.total === 1 ? 'it' : `all ${formatNumber(rows.total)}`} as a list</Link> <span className="muted">to filter and export</span></p>}
    </div>
  );
}

function onlySortable<Row>(column: Column<Row>, sortable: ReadonlySet<string>): Column<Row> {
  const { sort, parts, ...rest } = column;
  if (parts) return parts.every((part) => sortable.has(part.sort)) ? column : { ...rest, header: <SeverityLegend /> };
  return sort === undefined || sortable.has(sort) ? column : rest;
}
