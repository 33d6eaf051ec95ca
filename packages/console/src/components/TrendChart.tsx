import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatCompact, formatDate, formatNumber } from '../format.ts';
import { useTheme } from '../theme.ts';
import type { TrendProps } from './Charts.tsx';

function property(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Heights to draw: each series on top of those after it, so that the first is drawn over all. */
function heights(series: TrendProps['series'], stacked: boolean, length: number): number[][] {
  if (!stacked) return series.map((item) => [...item.values]);
  const sums = Array.from({ length }, () => 0);
  return series
    .toReversed()
    .map((item) => item.values.map((value, index) => (sums[index] = (sums[index] ?? 0) + value)))
    .toReversed();
}

export default function TrendChart({ days, series, height = 200, stacked = false, label }: TrendProps) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const [at, setAt] = useState<number | null>(null);
  const data = useMemo<uPlot.AlignedData>(
    () => [days.map((day) => Date.parse(`${day.slice(0, 10)}T00:00:00Z`) / 1000), ...heights(series, stacked, days.length)],
    [days, series, stacked],
  );
  const names = series.map((item) => `${item.label} ${item.colour}`).join();

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const grid = { stroke: property('--border'), width: 1 };
    const axis = { stroke: property('--text-3'), font: `11px ${property('--font')}`, ticks: { show: false } };
    const options: uPlot.Options = {
      width: Math.max(element.clientWidth, 120),
      height,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
      scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.08, 4)] } },
      axes: [
        { ...axis, grid: { show: false }, space: 70, values: (_, ticks) => ticks.map((tick) => formatDate(new Date(tick * 1000).toISOString()).slice(0, 6)) },
        { ...axis, grid, size: 44, space: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6], values: (_, ticks) => ticks.map(formatCompact) },
      ],
      series: [
        {},
        ...series.map((item) => {
          const colour = property(item.colour);
          return { label: item.label, stroke: colour, width: stacked ? 1 : 2, fill: stacked ? colour : `${colour}18`, points: { show: days.length === 1 } };
        }),
      ],
      hooks: { setCursor: [(plot) => setAt(plot.cursor.idx ?? null)] },
    };
    const plot = new uPlot(options, data, element);
    const observer = new ResizeObserver(() => plot.setSize({ width: Math.max(element.clientWidth, 120), height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
    // `names` stands for what of the series is drawn besides the data.
  }, [data, height, theme, stacked, names]);

  const shown = at === null || at >= days.length ? days.length - 1 : at;
  return (
    <figure className="trend stack-tight">
      <figcaption className="trend-legend">
        <span className="visually-hidden">{label}</span>
        {days[shown] !== undefined && <span className="strong">{formatDate(days[shown])}</span>}
        {series.map((item) => (
          <span key={item.label}>
            <span className="legend-colour" style={{ background: `var(${item.colour})` }} aria-hidden="true" />
            {item.label} {formatNumber(item.values[shown] ?? 0)}
          </span>
        ))}
      </figcaption>
      <div ref={box} aria-hidden="true" />
    </figure>
  );
}
