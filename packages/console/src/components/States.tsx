import { CircleAlert, SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { useApi } from '../api/queries.ts';
import { formatMinutes, formatNumber, plural } from '../format.ts';
import { linkTo } from '../url.ts';
import { Button } from './Button.tsx';
import { Link } from './Link.tsx';
import './States.css';

/** A grey bar where a text will stand. Width in CSS units. */
export function Skeleton({ width = '100%', height = '12px' }: { width?: string; height?: string }) {
  return <span className="skeleton" style={{ width, height }} aria-hidden="true" />;
}

/** Lines of skeletons, for the time a part of a page loads. */
export function SkeletonLines({ lines = 4 }: { lines?: number }) {
  return (
    <div className="stack" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => <Skeleton key={index} width={`${88 - ((index * 17) % 45)}%`} />)}
    </div>
  );
}

/**
 * What was looked at and what was not, in one line: stands beside every "nothing found", which means little
 * when half of the hosts are away.
 */
export function CoverageLine() {
  const coverage = useApi('coverage');
  if (!coverage.data) return null;
  const { hosts, images, database, awayMinutes, eventsDropped, feeds } = coverage.data;
  const oldest = feeds.reduce((age, feed) => Math.max(age, feed.ageDays ?? 0), 0);
  const unseen = images.notScanned + images.failed;
  return (
    <p className="coverage-line">
      <span>Looked at: {formatNumber(hosts.live)} of {plural(hosts.total, 'host')} with a live sensor</span>
      <span>{formatNumber(images.scanned)} of {plural(images.total, 'image')} scanned
        {unseen > 0 && <> (<Link href={linkTo.list('images', 'not scanState:[scanned, incomplete]')}>{formatNumber(unseen)} not</Link>)</>}
      </span>
      {images.incomplete > 0 && <span>{formatNumber(images.incomplete)} of them incompletely</span>}
      <span>{database === null ? 'no advisory database: nothing is judged' : `${plural(feeds.length, 'feed')}${oldest > 0 ? `, oldest ${plural(oldest, 'day')}` : ''}`}</span>
      {awayMinutes > 0 && <span>sensors away {formatMinutes(awayMinutes)} in 7 days</span>}
      {eventsDropped > 0 && <span>{plural(eventsDropped, 'event')} dropped</span>}
    </p>
  );
}

interface EmptyProps {
  title: string;
  children?: ReactNode;
  icon?: ReactNode;
  actions?: ReactNode;
  /** Say what was looked at; leave out where emptiness says nothing about security. */
  coverage?: boolean;
}

export function EmptyState({ title, children, icon = <SearchX size={28} aria-hidden="true" />, actions, coverage = false }: EmptyProps) {
  return (
    <div className="state" role="status">
      <span className="state-icon">{icon}</span>
      <p className="state-title">{title}</p>
      {children !== undefined && <div className="state-text">{children}</div>}
      {actions !== undefined && <div className="line">{actions}</div>}
      {coverage && <CoverageLine />}
    </div>
  );
}

/** What failed and what to do, with a way to try again. */
export function ErrorState({ error, retry }: { error: Error; retry?: () => void }) {
  const title = error instanceof ApiError ? error.problem.title : 'Something went wrong';
  return (
    <div className="state" role="alert">
      <span className="state-icon state-bad"><CircleAlert size={28} aria-hidden="true" /></span>
      <p className="state-title">{title}</p>
      <div className="state-text">{error.message}</div>
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

/** A message in the flow of a page: an error of a form, a warning about what is shown. */
export function Notice({ tone = 'info', title, children }: { tone?: 'info' | 'warn' | 'danger' | 'good'; title?: string; children: ReactNode }) {
  return (
    <div className={`notice tone-${tone}`} role={tone === 'danger' ? 'alert' : 'note'}>
      {title !== undefined && <strong>{title} </strong>}
      {children}
    </div>
  );
}
