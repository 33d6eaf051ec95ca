import type { EntityName, RowOf } from '@plimsoll/model/api';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { searchRows } from '../../api/client.ts';
import { keyOf } from '../../api/queries.ts';
import { DataTable } from '../DataTable.tsx';
import type { Column } from '../DataTable.tsx';
import { useLocalRows } from '../rows.ts';
import { EmptyState } from '../States.tsx';
import { LISTS } from './lists.ts';

/** From this width on, pixels, a table has all columns of the entity's list. */
const WIDE = 900;

/** A column of a table that is not sorted: by the query's own order. */
function still<Row>({ sort: _, ...column }: Column<Row>): Column<Row> {
  return column;
}

function Rows<E extends EntityName>({ entity, query, limit, width }: { entity: E; query: string; limit: number; width: number }) {
  const { columns, href, title } = LISTS[entity];
  const answer = useQuery({ queryKey: keyOf('search', { params: { entity }, query: { query, limit, widget: true } }), queryFn: ({ signal }) => searchRows(entity, { query, limit }, signal) });
  const shown = useMemo(() => (width >= WIDE ? columns : columns.filter((column) => column.narrow !== undefined)).map((column) => still<RowOf[E]>(column)), [columns, width]);
  const rows = useLocalRows<RowOf[E]>(answer.data?.rows, shown, '', { error: answer.error, retry: () => void answer.refetch() });
  return <DataTable label={title} columns={shown} rows={rows} rowKey={(row) => row.id} href={href} empty={<EmptyState title="Nothing matches" coverage />} />;
}

export default function TableWidget({ entity, query, limit, width }: { entity: EntityName; query: string; limit: number; width: number }) {
  return <Rows key={entity} entity={entity} query={query} limit={limit} width={width} />;
}
