import type { Me, Role } from '@plimsoll/model/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
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
  useEffect(() => onSignedOut(() => client.setQueryData(KEY, null)), [client]);
  return useQuery<Me | null, ApiError>({ queryKey: KEY, queryFn: ({ signal }) => load(signal), staleTime: Infinity });
}

/** Who is signed in. Only for what the shell shows after signing in. */
export function useMe(): Me['user'] {
  const me = useQueryClient().getQueryData<Me | null>(KEY);
  useSession();
  if (!me) throw new Error('Nobody is signed in.');
  return me.user;
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
    setCsrf(null);
    client.clear();
    client.setQueryData(KEY, null);
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
