import type { EntityName, RowOf } from '@plimsoll/model/api';
import { Download, ListFilter, SearchX } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { api, ApiError, urlOf } from '../api/client.ts';
import { keyOf } from '../api/queries.ts';
import { Button, DataTable, Dialog, EmptyState, FacetPanel, Menu, Page, QueryBar, SavedSearches, SeverityLegend, useNarrow, useServerRows } from '../components/index.ts';
import type { Column } from '../components/index.ts';
import { formatNumber, plural } from '../format.ts';
import { faultOfProblem } from '../query/bar.ts';
import { MOST_ROWS } from '../components/rows.ts';
import { useUrlState } from '../url.ts';
import './EntityListPage.css';

export interface EntityList<E extends EntityName> {
  entity: E;
  title: string;
  /** `plural` of one: "image", and of many where it is irregular. */
  one: string;
  many?: string;
  columns: readonly Column<RowOf[E]>[];
  href: (row: RowOf[E]) => string | null;
  /** An example to type. */
  placeholder: string;
  /** What stands there before anything was ever reported. */
  nothing: { title: string; text: ReactNode; actions?: ReactNode };
  actions?: ReactNode;
}

const DEFAULTS = { query: '', sort: '' };

const HOUR_MS = 3_600_000;

/** Names of the fields that the server can order rows by: the headers of others do not offer it. */
function useSortable(entity: EntityName): ReadonlySet<string> {
  const fields = useQuery({ queryKey: keyOf('fields', { params: { entity } }), queryFn: ({ signal }) => api('fields', { params: { entity }, signal }), staleTime: HOUR_MS });
  return useMemo(() => new Set(fields.data?.fields.filter((field) => field.sortable).map((field) => field.name)), [fields.data]);
}

function offered<Row>(column: Column<Row>, sortable: ReadonlySet<string>): Column<Row> {
  const isOffered = column.parts ? column.parts.every((part) => sortable.has(part.sort)) : column.sort === undefined || sortable.has(column.sort);
  return isOffered ? column : withoutSort(column);
}

function withoutSort<Row>(column: Column<Row>): Column<Row> {
  const { sort: _, parts, ...rest } = column;
  return parts ? { ...rest, header: <SeverityLegend /> } : rest;
}

/** One list of the console: query, filters, table, export. What differs by entity is its EntityList. */
export function EntityListPage<E extends EntityName>({ list }: { list: EntityList<E> }) {
  const { entity, title, one, many, columns, href, placeholder, nothing } = list;
  const [{ query, sort }, set] = useUrlState(DEFAULTS);
  const [filters, setFilters] = useState(false);
  const narrow = useNarrow();
  const rows = useServerRows(entity, query, sort);
  const sortable = useSortable(entity);
  const shown = useMemo(() => columns.map((column) => offered(column, sortable)), [columns, sortable]);
  const fault = rows.error instanceof ApiError ? faultOfProblem(rows.error.problem) : null;
  const setQuery = (next: string) => set({ query: next });
  const file = (format: 'csv' | 'json') => urlOf('export', { params: { entity }, query: { query, sort, format } });
  const facets = fault ? null : <FacetPanel entity={entity} query={query} onQuery={setQuery} />;
  const empty = query === '' ? (
    <EmptyState title={nothing.title} coverage actions={nothing.actions}>{nothing.text}</EmptyState>
  ) : (
    <EmptyState title={`No ${many ?? `${one}s`} match`} coverage actions={<Button onClick={() => setQuery('')}>Clear the query</Button>}>
      <code className="break">{query}</code>
    </EmptyState>
  );
  const table = fault && rows.count === 0 ? (
    <EmptyState title="The query cannot be read" icon={<SearchX size={28} aria-hidden="true" />}>The mark below the query bar shows where and why.</EmptyState>
  ) : (
    <DataTable label={title} columns={shown} rows={rows} rowKey={(row) => row.id} href={href} sort={sort === '' ? rows.sort : sort} onSort={(next) => set({ sort: next })} empty={empty} />
  );

  return (
    <Page
      fill
      title={title}
      actions={
        <>
          {list.actions}
          <SavedSearches entity={entity} query={query} />
          <Menu
            trigger={<Button icon={<Download size={14} />}>Export</Button>}
            items={[
              { heading: `All ${rows.pending ? '' : `${formatNumber(rows.total)} `}rows of this query` },
              { label: 'CSV', href: file('csv'), download: true },
              { label: 'JSON', href: file('json'), download: true },
            ]}
          />
        </>
      }
    >
      <div className="list-query">
        <QueryBar entity={entity} value={query} onSubmit={setQuery} fault={fault} placeholder={placeholder} label={`Query for ${title.toLowerCase()}`} />
        {narrow && <Button icon={<ListFilter size={14} />} onClick={() => setFilters(true)}>Filters</Button>}
      </div>
      <div className="list-body">
        {!narrow && <aside className="list-facets">{facets}</aside>}
        <div className="list-table">
          <p className="list-count" role="status">
            {rows.pending ? 'Loading…' : rows.error && rows.count === 0 ? '\u00a0' : <><span className="strong">{plural(rows.total, one, many)}</span>{query !== '' && (rows.total === 1 ? ' matches' : ' match')}{rows.total > MOST_ROWS && `; the first ${formatNumber(MOST_ROWS)} can be scrolled to: narrow the query`}</>}
          </p>
          {table}
        </div>
      </div>
      <Dialog open={filters && narrow} onClose={() => setFilters(false)} title="Filters" side="right" actions={<Button variant="primary" onClick={() => setFilters(false)}>Show {plural(rows.total, one, many)}</Button>}>{facets}</Dialog>
    </Page>
  );
}
