import type { RouteName } from '@plimsoll/model/api';
import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { ApiError, request } from './client.ts';
import type { Answer, CallOptions } from './client.ts';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 5 * 60_000,
      // A refusal stays a refusal; a server that restarts is back in a moment.
      retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4000),
      refetchOnWindowFocus: false,
      throwOnError: false,
    },
  },
});

/** Keys start with the route's name: live changes and mutations invalidate by it. */
export function keyOf(name: RouteName, options: { params?: unknown; query?: unknown } = {}): readonly unknown[] {
  return [name, options.params ?? null, options.query ?? null];
}

/** What every CallOptions is, whichever route it belongs to. */
interface Parts {
  params?: object;
  query?: object;
  body?: unknown;
}

interface QuerySettings {
  enabled?: boolean;
  /** Show the former answer until the new one is here: while a query is being typed. */
  keep?: boolean;
  /** Milliseconds; asks again this often. */
  every?: number;
}

/** Reads a GET route: `const image = useApi('image', { params: { id } })`. Aborted when nobody looks any more. */
export function useApi<N extends RouteName>(
  name: N,
  ...[options, settings]: object extends CallOptions<N> ? [CallOptions<N>?, QuerySettings?] : [CallOptions<N>, QuerySettings?]
): UseQueryResult<Answer<N>, ApiError> {
  const parts = (options ?? {}) as Parts;
  return useQuery<Answer<N>, ApiError>({
    queryKey: keyOf(name, parts),
    queryFn: ({ signal }) => request(name, { ...parts, signal }) as Promise<Answer<N>>,
    ...(settings?.enabled === undefined ? {} : { enabled: settings.enabled }),
    ...(settings?.keep ? { placeholderData: keepPreviousData } : {}),
    ...(settings?.every === undefined ? {} : { refetchInterval: settings.every }),
  });
}

/**
 * Calls a route that changes something, then has the named routes asked again:
 * `const revoke = useChange('tokenRevoke', ['tokens'])`, `revoke.mutate({ params: { id } })`.
 */
export function useChange<N extends RouteName>(name: N, refresh: readonly RouteName[] = []) {
  const client = useQueryClient();
  return useMutation<Answer<N>, ApiError, CallOptions<N>>({
    mutationFn: (options) => request(name, options as Parts) as Promise<Answer<N>>,
    onSuccess: () => Promise.all(refresh.map((route) => client.invalidateQueries({ queryKey: [route] }))),
  });
}
