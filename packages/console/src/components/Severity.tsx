import type { ScanState, SeverityCounts as Counts } from '@plimsoll/model/api';
import clsx from 'clsx';
import { formatCompact, formatNumber } from '../format.ts';
import { isLevel, LEVELS, SEVERITY_TITLES, severityText, totalOf } from '../severity.ts';
import { StateBadge } from './Badge.tsx';
import './Severity.css';

/** The digit of a severity in its colour: 5 is the worst. Always has its name for screen readers. */
export function SeverityMark({ severity }: { severity: number }) {
  const level = isLevel(severity) ? severity : 1;
  return <span className={`severity-mark sev-${level}`} role="img" aria-label={`Severity ${level}, ${SEVERITY_TITLES[level].toLowerCase()}`} title={SEVERITY_TITLES[level]}>{level}</span>;
}

/** Digit and name: `5 Urgent`. `title` says which rule gave it. */
export function SeverityBadge({ severity, title }: { severity: number; title?: string }) {
  const level = isLevel(severity) ? severity : 1;
  return (
    <span className="severity-badge" title={title}>
      <span className={`severity-mark sev-${level}`} aria-hidden="true">{level}</span>
      <span><span className="visually-hidden">Severity {level}, </span>{SEVERITY_TITLES[level]}</span>
    </span>
  );
}

interface CountsProps {
  /** Null where nothing was looked at: shown as a state of its own, never as zeros. */
  counts: Pick<Counts, 1 | 2 | 3 | 4 | 5> | null;
  /** What stands instead when there are none. */
  state?: ScanState;
  reason?: string | null;
  /** In words alone, where the state stands beside it anyway. */
  quiet?: boolean;
}

/** Five columns of counts, worst first; they line up below a SeverityLegend in a table. */
export function SeverityCounts({ counts, state = 'not-scanned', reason, quiet = false }: CountsProps) {
  if (counts === null && quiet) return <span className="severity-unknown" title={reason ?? undefined}>{state === 'analysing' ? 'Not scanned yet' : state === 'not-judged' ? 'Not judged' : 'Not scanned'}</span>;
  if (counts === null) return <StateBadge state={state === 'scanned' || state === 'incomplete' ? 'not-scanned' : state} title={reason ?? null} />;
  return (
    <span className="severity-counts" role="img" aria-label={severityText(counts)}>
      {LEVELS.map((level) => (
        <span key={level} className={clsx('severity-count', counts[level] > 0 ? `sev-${level}` : 'severity-none')} title={`${formatNumber(counts[level])} ${SEVERITY_TITLES[level].toLowerCase()}`}>
          {formatCompact(counts[level])}
        </span>
      ))}
    </span>
  );
}

/** Heads for the columns of SeverityCounts, worst first, with the names of the fields that sort by them. */
export const SEVERITY_HEADS = (['urgent', 'critical', 'serious', 'medium', 'minimal'] as const).map((sort, index) => ({
  sort,
  title: `severity ${5 - index}, ${sort}`,
  header: <span className={`severity-legend-mark sev-${5 - index}`}>{5 - index}</span>,
}));

/** Heads the columns of SeverityCounts where a table does not sort by them. */
export function SeverityLegend() {
  return (
    <span className="severity-counts severity-legend" aria-hidden="true">
      {SEVERITY_HEADS.map((head) => <span key={head.sort} title={head.sort}>{head.header}</span>)}
    </span>
  );
}

/** Shares of the severities as one bar, with the counts below it when `legend` is set. */
export function SeverityBar({ counts, state = 'not-scanned', reason, legend = false }: CountsProps & { legend?: boolean }) {
  if (counts === null) return <StateBadge state={state === 'scanned' || state === 'incomplete' ? 'not-scanned' : state} title={reason ?? null} />;
  const total = totalOf(counts);
  return (
    <div className="severity-bar-box">
      <div className="severity-bar" role="img" aria-label={severityText(counts)}>
        {total > 0 && LEVELS.filter((level) => counts[level] > 0).map((level) => (
          <span key={level} className={`severity-bar-part sev-${level}`} style={{ flexGrow: counts[level] }} title={`${formatNumber(counts[level])} ${SEVERITY_TITLES[level].toLowerCase()}`} />
        ))}
      </div>
      {legend && (
        <ul className="severity-bar-legend">
          {LEVELS.map((level) => (
            <li key={level}>
              <SeverityMark severity={level} />
              <span className="strong">{formatNumber(counts[level])}</span>
              <span className="muted">{SEVERITY_TITLES[level]}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
