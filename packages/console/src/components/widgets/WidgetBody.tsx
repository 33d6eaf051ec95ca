import type { AggregateResult } from '@plimsoll/model/api';
import { lazy, Suspense, useMemo } from 'react';
import { useApi } from '../../api/queries.ts';
import { formatNumber, plural } from '../../format.ts';
import { linkTo } from '../../url.ts';
import { BarList, Donut, TrendChart } from '../Charts.tsx';
import { Link } from '../Link.tsx';
import { ErrorState, SkeletonLines } from '../States.tsx';
import { needsGroups } from './draft.ts';
import type { WidgetDraft } from './draft.ts';
import { ENTITIES } from './entities.ts';
import { changeOver, slicesOf, trendOf } from './series.ts';
import { useSize } from './useSize.ts';

const TableWidget = lazy(() => import('./TableWidget.tsx'));

/** Above the plot of a trend stands its legend. */
const LEGEND_HEIGHT = 28;
const LEAST_PLOT = 90;
/** More lines than this cannot be told apart. */
const MOST_LINES = 8;

/** What a widget shows, in the room it has. */
export function WidgetBody({ widget }: { widget: WidgetDraft }) {
  const [ref, size] = useSize<HTMLDivElement>();
  return (
    <div ref={ref} className={`widget-body widget-${widget.kind}`}>
      {size !== null &&
        (widget.kind === 'table' ? (
          <Suspense fallback={<SkeletonLines />}><TableWidget entity={widget.entity} query={widget.query} limit={widget.limit} width={size.width} /></Suspense>
        ) : (
          <Figures widget={widget} size={size} />
        ))}
    </div>
  );
}

function Figures({ widget, size }: { widget: WidgetDraft; size: { width: number; height: number } }) {
  const { entity, query, by, days, kind } = widget;
  const answer = useApi(
    'aggregate',
    { params: { entity }, query: { query, limit: kind === 'trend' ? Math.min(widget.limit, MOST_LINES) : widget.limit, ...(by === null ? {} : { by }), ...(days === null ? {} : { over: days }) } },
    { keep: true },
  );
  if (answer.isError && !answer.data) return <ErrorState error={answer.error} retry={() => void answer.refetch()} />;
  if (!answer.data) return <SkeletonLines lines={kind === 'count' ? 2 : 5} />;
  const data = answer.data;
  if (kind === 'count') return <Count widget={widget} answer={data} />;
  if (needsGroups(kind) && data.groups.length === 0) return <p className="widget-nothing">Nothing matches.</p>;
  if (kind === 'donut') return <Donut slices={slicesOf(widget, data)} />;
  if (kind === 'bar') return <Bars widget={widget} answer={data} />;
  return <Trend widget={widget} answer={data} height={Math.max(LEAST_PLOT, size.height - LEGEND_HEIGHT)} />;
}

/** Bars need no colours to be told apart: only severities and states have theirs. */
function Bars({ widget, answer }: { widget: WidgetDraft; answer: AggregateResult }) {
  return <BarList bars={slicesOf(widget, answer).map(({ colour: _, ...bar }) => bar)} />;
}

function Count({ widget, answer }: { widget: WidgetDraft; answer: AggregateResult }) {
  const entity = ENTITIES.find((one) => one.name === widget.entity);
  const change = widget.days === null ? null : changeOver(answer);
  return (
    <Link className="widget-figure" href={linkTo.list(widget.entity, widget.query)}>
      <span className="widget-number">{formatNumber(answer.total)}</span>
      <span className="muted">
        {plural(answer.total, entity?.one ?? '', entity?.many).replace(/^\S+ /, '')}
        {change !== null && <> · {change === 0 ? 'as many as' : `${change > 0 ? '+' : '−'}${formatNumber(Math.abs(change))} since`} {plural(widget.days ?? 0, 'day')} ago</>}
      </span>
    </Link>
  );
}

function Trend({ widget, answer, height }: { widget: WidgetDraft; answer: AggregateResult; height: number }) {
  // The chart is drawn anew when its data is another object.
  const { days, series } = useMemo(() => trendOf(widget, answer), [widget, answer]);
  return <TrendChart days={days} series={series} height={height} label={widget.title} />;
}
