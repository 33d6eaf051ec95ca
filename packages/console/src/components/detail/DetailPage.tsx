import type { UseQueryResult } from '@tanstack/react-query';
import { SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client.ts';
import { LinkButton } from '../Button.tsx';
import { Page } from '../Page.tsx';
import { EmptyState, ErrorState, Skeleton, SkeletonLines } from '../States.tsx';
import './detail.css';

interface DetailPageProps<T> {
  of: UseQueryResult<T, Error>;
  /** "image"; and the list it is one of. */
  kind: string;
  list: { title: string; href: string };
  /** Why it may not be there, for a person who followed an old link. */
  missing: ReactNode;
  children: (data: T) => ReactNode;
}

/** The page of one thing: its outline while it loads, and what to do when it is not there. */
export function DetailPage<T>({ of, kind, list, missing, children }: DetailPageProps<T>) {
  if (of.data !== undefined) return children(of.data);
  const frame = { breadcrumbs: [list], documentTitle: kind.charAt(0).toUpperCase() + kind.slice(1) };
  if (of.isError) {
    // An id that cannot be one, and one that is not there, are the same to who followed a link.
    const absent = of.error instanceof ApiError && (of.error.status === 404 || of.error.status === 400);
    return (
      <Page {...frame} title={absent ? `No such ${kind}` : `This ${kind} cannot be shown`}>
        {absent ? (
          <EmptyState title={`This ${kind} is not known here`} icon={<SearchX size={28} aria-hidden="true" />} actions={<LinkButton variant="primary" href={list.href}>All {list.title.toLowerCase()}</LinkButton>}>
            {missing}
          </EmptyState>
        ) : (
          <ErrorState error={of.error} retry={() => void of.refetch()} />
        )}
      </Page>
    );
  }
  return (
    <Page {...frame} title={<Skeleton width="280px" height="20px" />} subtitle={<Skeleton width="420px" />}>
      <Skeleton height="10px" />
      <div className="detail-grid">
        <div className="card detail-loading"><SkeletonLines lines={8} /></div>
        <div className="card detail-loading"><SkeletonLines lines={8} /></div>
      </div>
    </Page>
  );
}
