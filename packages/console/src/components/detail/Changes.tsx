import type { ChangeView } from '@plimsoll/model/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { ChevronRight, History } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { keyOf } from '../../api/queries.ts';
import { formatDateTime, formatNumber } from '../../format.ts';
import { linkTo } from '../../url.ts';
import { Badge } from '../Badge.tsx';
import type { Tone } from '../Badge.tsx';
import { Button } from '../Button.tsx';
import { Link } from '../Link.tsx';
import { SeverityMark } from '../Severity.tsx';
import { EmptyState, ErrorState, SkeletonLines } from '../States.tsx';
import { Time } from '../Time.tsx';

const CAUSES: Record<ChangeView['cause'], { title: string; tone: Tone }> = {
  'new-image': { title: 'First scan', tone: 'teal' },
  'new-host': { title: 'First scan', tone: 'teal' },
  'new-advisory': { title: 'New advisory', tone: 'warn' },
  'changed-feed': { title: 'Advisory data changed', tone: 'info' },
  'changed-packages': { title: 'Packages changed', tone: 'violet' },
  exception: { title: 'Exception', tone: 'grey' },
  gone: { title: 'Gone', tone: 'grey' },
};
const PAGE = 50;

interface ChangesProps {
  route: 'imageChanges' | 'hostChanges';
  id: string;
  /** "image" or "host" */
  kind: string;
}

/** What changed in the findings of an image or host and why, newest first. */
export function Changes({ route, id, kind }: ChangesProps) {
  const changes = useInfiniteQuery({
    queryKey: keyOf(route, { params: { id }, query: 'pages' }),
    queryFn: ({ pageParam, signal }) => api(route, { params: { id }, query: { offset: pageParam, limit: PAGE }, signal }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const have = pages.reduce((sum, page) => sum + page.items.length, 0);
      return last.items.length > 0 && have < last.total ? have : undefined;
    },
  });
  if (changes.isPending) return <div className="card detail-loading"><SkeletonLines lines={6} /></div>;
  if (changes.isError) return <div className="card"><ErrorState error={changes.error} retry={() => void changes.refetch()} /></div>;
  const items = changes.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <div className="card">
        <EmptyState title="Nothing has changed yet" icon={<History size={28} aria-hidden="true" />}>
          From its first scan on, each finding that appears or goes stands here, with what did it. This {kind} has none yet.
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="stack">
      <ol className="changes card">{items.map((change) => <Change key={change.id} change={change} />)}</ol>
      {changes.hasNextPage && <div><Button busy={changes.isFetchingNextPage} onClick={() => void changes.fetchNextPage()}>Show older changes</Button></div>}
    </div>
  );
}

function Change({ change }: { change: ChangeView }) {
  const [open, setOpen] = useState(false);
  const cause = CAUSES[change.cause];
  const none = change.appearedCount + change.goneCount === 0;
  return (
    <li className="change">
      <button type="button" className="change-head" aria-expanded={open} disabled={none} onClick={() => setOpen(!open)}>
        <ChevronRight size={14} className={none ? 'change-arrow change-none' : open ? 'change-arrow change-open' : 'change-arrow'} aria-hidden="true" />
        <span className="change-time" title={formatDateTime(change.time)}><Time value={change.time} /></span>
        <Badge tone={cause.tone}>{cause.title}</Badge>
        <span className="change-reason break">{change.reason}</span>
        <span className="change-counts">
          {change.appearedCount > 0 && <span className="change-appeared">+{formatNumber(change.appearedCount)}<span className="visually-hidden"> appeared</span></span>}
          {change.goneCount > 0 && <span className="change-gone">−{formatNumber(change.goneCount)}<span className="visually-hidden"> gone</span></span>}
          {none && <span className="muted">no findings</span>}
        </span>
      </button>
      {open && (
        <div className="change-body">
          <Named title="Appeared" findings={change.appeared} total={change.appearedCount} />
          <Named title="Gone" findings={change.gone} total={change.goneCount} />
        </div>
      )}
    </li>
  );
}

function Named({ title, findings, total }: { title: string; findings: ChangeView['appeared']; total: number }) {
  if (total === 0) return null;
  return (
    <section className="stack-tight">
      <h3>{title} <span className="muted">{formatNumber(total)}</span></h3>
      <ul className="change-findings">
        {findings.map((finding) => (
          <li key={`${finding.id} ${finding.package}`}>
            <SeverityMark severity={finding.severity} />
            <Link href={linkTo.vulnerability(finding.id)}>{finding.id}</Link>
            <span className="soft clip">{finding.package}</span>
          </li>
        ))}
        {total > findings.length && <li className="muted">and {formatNumber(total - findings.length)} more</li>}
      </ul>
    </section>
  );
}
