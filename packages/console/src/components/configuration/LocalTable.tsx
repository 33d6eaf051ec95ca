import './configuration.css';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client.ts';
import { useUrlState } from '../../url.ts';
import { NoAccess } from '../AppShell.tsx';
import { Card } from '../Card.tsx';
import { DataTable } from '../DataTable.tsx';
import type { Column } from '../DataTable.tsx';
import { useLocalRows } from '../rows.ts';

interface TableProps<Row> {
  label: string;
  /** Made outside of the component. */
  columns: readonly Column<Row>[];
  of: UseQueryResult<{ items: Row[] }, Error>;
  rowKey: (row: Row) => string;
  href?: (row: Row) => string | null;
  empty: ReactNode;
  /** Rows to show of those that came; give it a stable function. */
  only?: readonly Row[] | undefined;
}

const DEFAULTS = { sort: '' };
const MOST_HEIGHT = 720;

/** All that a route answers as a table; the order is in the URL. */
export function LocalTable<Row>({ label, columns, of, rowKey, href, empty, only }: TableProps<Row>) {
  const [{ sort }, set] = useUrlState(DEFAULTS);
  const rows = useLocalRows(only ?? of.data?.items, columns, sort, { error: of.data ? null : of.error, retry: () => void of.refetch(), id: label });
  if (of.error instanceof ApiError && of.error.status === 403) return <NoAccess />;
  return (
    <Card flush className="local-table">
      <DataTable label={label} columns={columns} rows={rows} rowKey={rowKey} sort={sort} onSort={(next) => set({ sort: next })} empty={empty} maxHeight={MOST_HEIGHT} {...(href ? { href } : {})} />
    </Card>
  );
}
