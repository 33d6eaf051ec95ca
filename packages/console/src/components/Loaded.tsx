import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorState, SkeletonLines } from './States.tsx';

/** What a query answers, or that it loads, or that it failed: `<Loaded of={image}>{(data) => …}</Loaded>`. */
export function Loaded<T>({ of, children, loading }: { of: UseQueryResult<T, Error>; children: (data: T) => ReactNode; loading?: ReactNode }) {
  if (of.data !== undefined) return children(of.data);
  if (of.isError) return <ErrorState error={of.error} retry={() => void of.refetch()} />;
  return loading ?? <SkeletonLines lines={6} />;
}
