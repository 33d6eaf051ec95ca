import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';
import { memo, useEffect, useId, useRef, useState } from 'react';
import type { CSSProperties, ReactNode } from 'react';
import { useLocation } from 'wouter';
import { preload } from '../routes.tsx';
import { ErrorState, Skeleton } from './States.tsx';
import type { Rows } from './rows.ts';
import { useNarrow } from './useMedia.ts';
import './DataTable.css';

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Pixels; columns with `grow` take what is left besides. */
  width: number;
  grow?: number;
  align?: 'end';
  /** What the header shows instead of the title. */
  header?: ReactNode;
  /** A column of several figures has a header for each: each sorts, highest first. */
  parts?: readonly { sort: string; title: string; header: ReactNode }[];
  /** Field to sort by when the header is clicked; `descFirst` for counts and dates. */
  sort?: string;
  descFirst?: boolean;
  /** Value to sort by in tables of a fixed array (useLocalRows). */
  value?: (row: Row) => string | number | null;
  /** Where it stands on narrow screens: the first line, the line below, or nowhere (the default). */
  narrow?: 'title' | 'end' | 'detail';
}

interface TableProps<Row> {
  /** What it lists, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: Rows<Row>;
  rowKey: (row: Row) => string | number;
  /** Where a click or Enter goes. */
  href?: (row: Row) => string | null;
  /** Field with a leading - for descending; and how to ask for another. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Shown when there are no rows. */
  empty: ReactNode;
  /** Grows with its rows up to this many pixels; without it, it fills its parent. */
  maxHeight?: number;
}

const ROW = 38;
const NARROW_ROW = 66;
const HEAD = 36;

/** The sort that a click on a header asks for. */
export function nextSort(current: string, field: string, descFirst: boolean): string {
  if (current === field) return `-${field}`;
  if (current === `-${field}`) return field;
  return descFirst ? `-${field}` : field;
}

/**
 * Rows of any number: only those in sight are in the document. Arrow keys, j and k move, Enter opens.
 * Use it with useServerRows for what the server pages, with useLocalRows for an array.
 */
export function DataTable<Row>({ label, columns, rows, rowKey, href, sort = '', onSort, empty, maxHeight }: TableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const [, navigate] = useLocation();
  const narrow = useNarrow();
  const base = useId();
  const height = narrow ? NARROW_ROW : ROW;
  const virtual = useVirtualizer({ count: rows.count, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 8, scrollMargin: 0 });
  useEffect(() => virtual.measure(), [virtual, height]);
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { show } = rows;
  useEffect(() => show(first, last), [show, first, last]);
  useEffect(() => {
    setActive(-1);
    scroller.current?.scrollTo({ top: 0 });
  }, [rows.id]);

  if (rows.error && rows.count === 0) return <div className="table-note"><ErrorState error={rows.error} retry={rows.retry} /></div>;
  if (!rows.pending && rows.count === 0) return <div className="table-note">{empty}</div>;

  const targetOf = (index: number) => {
    const row = rows.at(index);
    return row === undefined ? null : (href?.(row) ?? null);
  };
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.count - 1, to));
    setActive(next);
    virtual.scrollToIndex(next, { align: 'auto' });
    const target = targetOf(next);
    if (target !== null) preload(target);
  };
  const press = (event: React.KeyboardEvent) => {
    if (event.target !== scroller.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current.clientHeight - HEAD) / height) - 1);
    const steps = new Map([['ArrowDown', active + 1], ['j', active + 1], ['ArrowUp', active - 1], ['k', active - 1], ['PageDown', active + page], ['PageUp', active - page], ['Home', 0], ['End', rows.count - 1]]);
    const to = steps.get(event.key);
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault();
      const target = targetOf(active);
      if (target !== null) open(target, event.shiftKey, navigate);
    }
  };

  const template = columns.map((column) => (column.grow === undefined ? `${column.width}px` : `minmax(${column.width}px, ${column.grow}fr)`)).join(' ');
  const least = columns.reduce((sum, column) => sum + column.width, 0) + columns.length * 14 + 18;
  const style = { '--columns': template, '--least': `${least}px`, ...(maxHeight === undefined ? {} : { maxHeight }) } as CSSProperties;
  const skeletons = rows.pending ? Array.from({ length: 12 }, (_, index) => index) : [];

  return (
    <div
      ref={scroller}
      className={clsx('table', narrow && 'table-narrow', maxHeight === undefined && 'table-fill', rows.stale && 'table-stale')}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.pending ? -1 : rows.count + 1}
      aria-colcount={columns.length}
      aria-busy={rows.pending || rows.stale}
      aria-activedescendant={active >= 0 ? `${base}-${active}` : undefined}
      tabIndex={0}
      style={style}
      onKeyDown={press}
    >
      <div className="table-head" role="row" aria-rowindex={1}>
        {columns.map((column) => <HeadCell key={column.id} column={column} sort={sort} {...(onSort ? { onSort } : {})} />)}
      </div>
      {rows.pending ? (
        <div role="rowgroup" aria-label="Loading">
          {skeletons.map((index) => (
            <div key={index} className="table-row table-row-still" role="row" style={{ height }}>
              {columns.map((column, at) => <span key={column.id} className="table-cell" role="gridcell"><Skeleton width={`${45 + ((index * 7 + at * 13) % 45)}%`} /></span>)}
            </div>
          ))}
        </div>
      ) : (
        <div className="table-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows.at(item.index);
            return (
              <TableRow
                key={row === undefined ? `at-${item.index}` : rowKey(row)}
                id={`${base}-${item.index}`}
                index={item.index}
                start={item.start}
                height={height}
                row={row}
                target={row === undefined ? null : (href?.(row) ?? null)}
                columns={columns}
                active={item.index === active}
                narrow={narrow}
                onActive={setActive}
              />
            );
          })}
        </div>
      )}
    </div>
  );
}

interface TableRowProps<Row> {
  id: string;
  index: number;
  start: number;
  height: number;
  row: Row | undefined;
  target: string | null;
  columns: readonly Column<Row>[];
  active: boolean;
  narrow: boolean;
  onActive: (index: number) => void;
}

/** Drawn once while it is in sight: scrolling then only makes the rows that come in. */
const TableRow = memo(function TableRow<Row>({ id, index, start, height, row, target, columns, active, narrow, onActive }: TableRowProps<Row>) {
  const [, navigate] = useLocation();
  return (
    <div
      id={id}
      className={clsx('table-row', active && 'table-active', target !== null && 'table-opens')}
      role="row"
      aria-rowindex={index + 2}
      style={{ height, transform: `translateY(${start}px)` }}
      onPointerEnter={() => {
        if (target !== null) preload(target);
      }}
      onClick={(event) => {
        onActive(index);
        // Links and buttons in a cell do their own; selected text is for copying.
        if (target === null || (event.target as Element).closest('a, button, input, label') || window.getSelection()?.toString()) return;
        open(target, event.ctrlKey || event.metaKey, navigate);
      }}
    >
      {columns.map((column) => (
        <span key={column.id} className={clsx('table-cell', column.align === 'end' && 'table-end', narrow && `table-at-${column.narrow ?? 'nowhere'}`)} role="gridcell">
          {row === undefined ? <Skeleton width="60%" /> : column.cell(row)}
        </span>
      ))}
    </div>
  );
}) as <Row>(props: TableRowProps<Row>) => ReactNode;

function open(target: string, background: boolean, navigate: (path: string) => void): void {
  if (background) window.open(target, '_blank', 'noopener');
  else navigate(target);
}

function HeadCell<Row>({ column, sort, onSort }: { column: Column<Row>; sort: string; onSort?: (sort: string) => void }) {
  const field = column.sort ?? (column.value ? column.id : undefined);
  const direction = column.parts?.some((part) => sort === `-${part.sort}`) ? 'descending' : field === undefined ? null : sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : null;
  const content = column.header ?? column.title;
  return (
    <span className={clsx('table-cell', column.align === 'end' && 'table-end')} role="columnheader" aria-sort={direction ?? undefined}>
      {column.parts ? (
        <PartHeads parts={column.parts} title={column.title} sort={sort} {...(onSort ? { onSort } : {})} />
      ) : field === undefined || !onSort ? (
        <span className="table-title">{content}{column.header !== undefined && <span className="visually-hidden">{column.title}</span>}</span>
      ) : (
        <button type="button" className="table-sort" onClick={() => onSort(nextSort(sort, field, column.descFirst ?? false))} title={`Sort by ${column.title.toLowerCase()}`}>
          {content}
          {column.header !== undefined && <span className="visually-hidden">{column.title}</span>}
          {direction === 'ascending' ? <ArrowUp size={12} /> : direction === 'descending' ? <ArrowDown size={12} /> : <ChevronsUpDown size={12} className="table-sortable" />}
        </button>
      )}
    </span>
  );
}

function PartHeads({ parts, title, sort, onSort }: { parts: NonNullable<Column<unknown>['parts']>; title: string; sort: string; onSort?: (sort: string) => void }) {
  return (
    <span className="table-parts">
      <span className="visually-hidden">{title}</span>
      {parts.map((part) => {
        const on = sort === part.sort || sort === `-${part.sort}`;
        return onSort ? (
          <button key={part.sort} type="button" className={clsx('table-part', on && 'table-part-on')} title={`Sort by ${part.title}`} aria-label={`Sort by ${part.title}`} aria-pressed={on} onClick={() => onSort(nextSort(sort, part.sort, true))}>
            {part.header}
          </button>
        ) : (
          <span key={part.sort} className="table-part">{part.header}</span>
        );
      })}
    </span>
  );
}
