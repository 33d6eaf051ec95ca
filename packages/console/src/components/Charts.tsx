import { lazy, Suspense } from 'react';
import { formatCompact, formatNumber, formatShare } from '../format.ts';
import { Link } from './Link.tsx';
import { Skeleton } from './States.tsx';
import './Charts.css';

export interface Slice {
  label: string;
  value: number;
  /** A CSS colour; one of the series' colours when absent. Severities: `var(--sev5-fill)`. */
  colour?: string;
  href?: string;
}

function colourOf(slice: Slice, index: number): string {
  return slice.colour ?? `var(--series-${(index % 8) + 1})`;
}

const RADIUS = 40;
const AROUND = 2 * Math.PI * RADIUS;

/** Parts of a whole, with a legend that has the numbers. `unit` stands below the sum: "containers". */
export function Donut({ slices, unit }: { slices: readonly Slice[]; unit?: string }) {
  const total = slices.reduce((sum, slice) => sum + slice.value, 0);
  let before = 0;
  const arcs = slices.map((slice, index) => {
    const length = total === 0 ? 0 : (slice.value / total) * AROUND;
    const arc = { slice, index, length, from: before };
    before += length;
    return arc;
  });
  return (
    <div className="donut">
      <svg viewBox="0 0 100 100" role="img" aria-label={slices.map((slice) => `${slice.label}: ${slice.value}`).join(', ')}>
        <circle cx="50" cy="50" r={RADIUS} fill="none" stroke="var(--surface-3)" strokeWidth="13" />
        {arcs.filter((arc) => arc.length > 0).map((arc) => (
          <circle key={arc.slice.label} cx="50" cy="50" r={RADIUS} fill="none" stroke={colourOf(arc.slice, arc.index)} strokeWidth="13" strokeDasharray={`${Math.max(arc.length - (arcs.length > 1 ? 1 : 0), 0.5)} ${AROUND}`} strokeDashoffset={-arc.from} transform="rotate(-90 50 50)">
            <title>{`${arc.slice.label}: ${formatNumber(arc.slice.value)} (${formatShare(arc.slice.value / total)})`}</title>
          </circle>
        ))}
        <text x="50" y={unit === undefined ? 55 : 51} className="donut-total">{formatCompact(total)}</text>
        {unit !== undefined && <text x="50" y="63" className="donut-unit">{unit}</text>}
      </svg>
      <ul className="legend">
        {slices.map((slice, index) => (
          <li key={slice.label}>
            <span className="legend-colour" style={{ background: colourOf(slice, index) }} aria-hidden="true" />
            {slice.href === undefined ? <span className="clip">{slice.label}</span> : <Link className="clip" href={slice.href}>{slice.label}</Link>}
            <span className="push strong">{formatNumber(slice.value)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Names with bars, longest first as given. */
export function BarList({ bars, empty = 'Nothing to show.' }: { bars: readonly Slice[]; empty?: string }) {
  const most = bars.reduce((max, bar) => Math.max(max, bar.value), 0);
  if (bars.length === 0) return <p className="muted">{empty}</p>;
  return (
    <ul className="bar-list">
      {bars.map((bar) => (
        <li key={bar.label}>
          <span className="bar-list-bar" style={{ width: `${most === 0 ? 0 : (bar.value / most) * 100}%`, ...(bar.colour === undefined ? {} : { background: bar.colour }) }} aria-hidden="true" />
          {bar.href === undefined ? <span className="clip bar-list-name" title={bar.label}>{bar.label}</span> : <Link className="clip bar-list-name" href={bar.href} title={bar.label}>{bar.label}</Link>}
          <span className="push strong">{formatNumber(bar.value)}</span>
        </li>
      ))}
    </ul>
  );
}

export interface TrendSeries {
  label: string;
  /** A custom property: `--sev5-fill`, `--series-1`. */
  colour: string;
  values: readonly number[];
}

export interface TrendProps {
  /** ISO days, oldest first; each series has a value for each. */
  days: readonly string[];
  series: readonly TrendSeries[];
  /** Pixels. */
  height?: number;
  /** One above the other; the first series lies on top. */
  stacked?: boolean;
  label: string;
}

const LazyTrend = lazy(() => import('./TrendChart.tsx'));

/** Numbers over days. Its library is loaded when one is shown. */
export function TrendChart(props: TrendProps) {
  return (
    <Suspense fallback={<Skeleton height={`${props.height ?? 200}px`} />}>
      <LazyTrend {...props} />
    </Suspense>
  );
}
