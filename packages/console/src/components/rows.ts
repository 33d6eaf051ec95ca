import type { PageOf, RowOf } from '@plimsoll/model/api';
import { useQueries, useQuery } from '@tanstack/react-query';
import type { Query } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { ApiError, searchRows } from '../api/client.ts';
import type { Column } from './DataTable.tsx';
import { useDebounced } from './useDebounced.ts';

/** What a DataTable shows: rows by their place, some of which may not be here yet. */
export interface Rows<Row> {
  /** Changes with what is asked for: the table then starts at its top. */
  id: string;
  count: number;
  /** Undefined while its page is on the way. */
  at: (index: number) => Row | undefined;
  /** The table says what is in sight. Keep it the same between renders. */
  show: (first: number, last: number) => void;
  /** Nothing to show yet. */
  pending: boolean;
  /** What is shown belongs to the former query. */
  stale: boolean;
  error: Error | null;
  retry: () => void;
  /** How many match, even when there are more than a table can scroll through. */
  total: number;
}

export const PAGE = 100;
/** Browsers cannot lay out much more than ten million pixels: whoever scrolls that far needs a query. */
export const MOST_ROWS = 250_000;
/** Pages that fly by while the scroll bar is dragged are not fetched. */
const SETTLE_MS = 60;
/** Pages in sight at once: two, or three on a very high screen. */
const MOST_PAGES = 4;

/** The pages that hold rows `first` to `last`, besides page 0, which every table keeps. */
export function pagesOf(first: number, last: number): number[] {
  const pages = [];
  for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE) && pages.length < MOST_PAGES; page++) if (page > 0) pages.push(page);
  return pages;
}

type Key = readonly ['search', { entity: keyof RowOf }, { query: string; sort: string; page: number }];

/** Rows of a search that come page by page as they are scrolled to. */
export function useServerRows<E extends keyof RowOf>(entity: E, query: string, sort: string, settings: { enabled?: boolean } = {}): Rows<RowOf[E]> & { sort: string } {
  type Page = PageOf<RowOf[E]>;
  const enabled = settings.enabled ?? true;
  const [range, setRange] = useState<readonly [number, number]>([0, 0]);
  const show = useCallback((first: number, last: number) => setRange((old) => (old[0] === first && old[1] === last ? old : [first, last])), []);
  const settled = useDebounced(range, SETTLE_MS);
  const spec = (page: number) => ({
    queryKey: ['search', { entity }, { query, sort, page }] as Key,
    queryFn: ({ signal }: { signal: AbortSignal }) => searchRows(entity, { query, sort, offset: page * PAGE, limit: PAGE }, signal),
    enabled,
  });
  // Rows of another entity would meet columns that are not made for them.
  const placeholderData = (former: Page | undefined, of: Query<Page, ApiError, Page, Key> | undefined) => (of?.queryKey[1].entity === entity ? former : undefined);
  const head = useQuery<Page, ApiError, Page, Key>({ ...spec(0), placeholderData });
  const numbers = useMemo(() => pagesOf(settled[0], settled[1]), [settled]);
  const pages = useQueries({ queries: numbers.map((page) => ({ ...spec(page), enabled: enabled && head.isSuccess && !head.isPlaceholderData })) });
  const total = head.data?.total ?? 0;
  const byPage = new Map<number, Page | undefined>(numbers.map((page, index) => [page, pages[index]?.data]));
  byPage.set(0, head.data);
  const failed = pages.find((page) => page.isError);
  return {
    id: `${entity} ${query} ${sort}`,
    count: head.isError && !head.data ? 0 : Math.min(total, MOST_ROWS),
    total,
    at: (index) => byPage.get(Math.floor(index / PAGE))?.rows[index % PAGE],
    show,
    pending: head.isPending && enabled,
    stale: head.isPlaceholderData,
    error: head.error ?? failed?.error ?? null,
    retry: () => {
      void head.refetch();
      for (const page of pages) if (page.isError) void page.refetch();
    },
    sort: head.data?.sort ?? sort,
  };
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** In order by a column's `value`; nulls last either way. */
export function sortLocal<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: string): readonly Row[] {
  const descending = sort.startsWith('-');
  const id = descending ? sort.slice(1) : sort;
  const value = columns.find((column) => (column.sort ?? column.id) === id)?.value;
  if (!value) return rows;
  return rows.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y));
    return descending ? -order : order;
  });
}

const nothing = () => undefined;

/**
 * An array as rows, sorted by the columns' `value`. `rows` undefined: it is still loading. Give a stable
 * array and columns that are made outside of the component.
 */
export function useLocalRows<Row>(
  rows: readonly Row[] | undefined,
  columns: readonly Column<Row>[],
  sort: string,
  state: { error?: Error | null; retry?: () => void; id?: string } = {},
): Rows<Row> {
  const sorted = useMemo(() => (rows === undefined ? [] : sortLocal(rows, columns, sort)), [rows, columns, sort]);
  return {
    id: `${state.id ?? ''} ${sort}`,
    count: sorted.length,
    total: sorted.length,
    at: (index) => sorted[index],
    show: nothing,
    pending: rows === undefined && !state.error,
    stale: false,
    error: state.error ?? null,
    retry: state.retry ?? nothing,
  };
}
