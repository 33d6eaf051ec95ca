import type { EntityName } from '@plimsoll/model/api';
import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';

/** The URL holds all state of a page: what is shown can be shared, reloaded and gone back to. */

/** The values of `defaults`' keys in a search string; a default stands where the URL has none. */
export function readState<S extends Record<string, string>>(search: string, defaults: S): S {
  const params = new URLSearchParams(search);
  const state: Record<string, string> = {};
  for (const key of Object.keys(defaults)) state[key] = params.get(key) ?? defaults[key] ?? '';
  return state as S;
}

/** The search string with changes written in; values equal to their default are left out, others' keys stay. */
export function writeState<S extends Record<string, string>>(search: string, defaults: S, change: Partial<S>): string {
  const params = new URLSearchParams(search);
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined || value === defaults[key]) params.delete(key);
    else params.set(key, value);
  }
  return params.toString();
}

export type SetState<S> = (change: Partial<S>, options?: { replace?: boolean }) => void;

/**
 * State in the URL's search: `const [state, set] = useUrlState({ query: '', tab: 'info' })`. `set` adds an
 * entry to the history unless told to replace. Keep `defaults` outside of the component.
 */
export function useUrlState<S extends Record<string, string>>(defaults: S): [S, SetState<S>] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const state = useMemo(() => readState(search, defaults), [search, defaults]);
  const set = useCallback<SetState<S>>(
    (change, options) => {
      // Of the address bar, not of the last render: two changes in one event add up.
      const text = writeState(window.location.search, defaults, change);
      const target = window.location.pathname + (text === '' ? '' : `?${text}`);
      if (target !== window.location.pathname + window.location.search) navigate(target, { replace: options?.replace ?? false });
    },
    [defaults, navigate],
  );
  return [state, set];
}

function path(base: string, params: Record<string, string | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== undefined && value !== '') search.set(key, value);
  const text = search.toString();
  return text === '' ? base : `${base}?${text}`;
}

/** Where things are in the console. */
export const linkTo = {
  /** A list, with a query: `linkTo.list('images', 'vulnerabilities.severity:5')`. */
  list: (entity: EntityName, query?: string, sort?: string) => path(`/${entity}`, { query, sort }),
  image: (id: string, tab?: string) => path(`/images/${encodeURIComponent(id)}`, { tab }),
  host: (id: string, tab?: string) => path(`/hosts/${encodeURIComponent(id)}`, { tab }),
  container: (id: string, tab?: string) => path(`/containers/${encodeURIComponent(id)}`, { tab }),
  vulnerability: (id: string, tab?: string) => path(`/vulnerabilities/${encodeURIComponent(id)}`, { tab }),
  /** The dashboard, asking for a widget of this query. */
  newWidget: (entity: EntityName, query: string) => path('/', { add: entity, query: query === '' ? undefined : query }),
  sensors: () => '/configuration/sensors',
};
