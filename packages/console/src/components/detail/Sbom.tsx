import type { SbomView } from '@plimsoll/model/api';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorState, SkeletonLines } from '../States.tsx';

/** What an SBOM has for a page's part, or what stands there while and when there is none. */
export function Sbom({ of, missing, children }: { of: UseQueryResult<{ sbom: SbomView | null }, Error>; missing: ReactNode; children: (sbom: SbomView) => ReactNode }) {
  if (of.data) return of.data.sbom === null ? missing : children(of.data.sbom);
  if (of.isError) return <div className="card"><ErrorState error={of.error} retry={() => void of.refetch()} /></div>;
  return <div className="card detail-loading"><SkeletonLines lines={8} /></div>;
}
