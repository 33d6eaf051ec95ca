import type { Me, Role } from '@plimsoll/model/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect } from 'react';
import { api, ApiError, onSignedOut, setCsrf } from './client.ts';
import { keyOf } from './queries.ts';

const KEY = keyOf('me');

async function load(signal: AbortSignal): Promise<Me | null> {
  try {
    const me = await api('me', { signal });
    setCsrf(me.csrf);
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Who is signed in: for what decides whether anybody is. `data` is null when nobody is. */
export function useSession() {
  const client = useQueryClient();
  useEffect(() => onSignedOut(() => leave(client)), [client]);
  return useQuery<Me | null, ApiError>({ queryKey: KEY, queryFn: ({ signal }) => load(signal), staleTime: Infinity });
}

/**
 * Nobody is signed in any more, and nothing of what was shown stays for who signs in next. The session's own answer
 * is kept and changed: who watches it would not hear of another one put in its place.
 */
function leave(client: QueryClient): void {
  setCsrf(null);
  // Answers that come in late say it again, when the sign-in page has asked for things of its own.
  if (client.getQueryData(KEY) === null) return;
  client.setQueryData(KEY, null);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
}

/**
 * Around what is shown to who signed in. A context, not the query's answer: a component that happens to draw itself
 * between the end of the session and the sign-in page must still find somebody.
 */
export const MeContext = createContext<Me['user'] | null>(null);

/** Who is signed in. Only for what the shell shows after signing in. */
export function useMe(): Me['user'] {
  const me = useContext(MeContext);
  if (!me) throw new Error('Nobody is signed in.');
  return me;
}

/** Takes what sign-in, set-up and `changeMe` answer. */
export function useSignedIn(): (me: Me) => void {
  const client = useQueryClient();
  return (me) => {
    setCsrf(me.csrf);
    client.setQueryData(KEY, me);
  };
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await api('signOut');
    leave(client);
  };
}

/** What people may do by role; the server decides, this only spares them buttons that it would refuse. */
const ALLOWED: Record<Role, readonly string[]> = {
  admin: ['read', 'own', 'manage', 'admin'],
  manager: ['read', 'own', 'manage'],
  reader: ['read', 'own'],
  ci: [],
  sensor: [],
};
export type Right = 'read' | 'own' | 'manage' | 'admin';

/** `useCan('manage')`: whether to show what needs that right. */
export function useCan(right: Right): boolean {
  return ALLOWED[useMe().role].includes(right);
}
