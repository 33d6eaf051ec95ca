import type { Dashboard } from '@plimsoll/model/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keyOf, useApi } from '../../api/queries.ts';
import { toast } from '../../components/index.ts';

interface Boards {
  items: Dashboard[];
}
type Change = Partial<Pick<Dashboard, 'name' | 'shared' | 'widgets'>>;

const KEY = keyOf('dashboards');

/** One's own dashboards and those that others share. */
export function useBoards() {
  return useApi('dashboards');
}

/** In the list as the server has it: replaced where it is there, else at its end. */
export function withBoard(boards: Boards | undefined, board: Dashboard): Boards {
  const items = boards?.items ?? [];
  return { items: items.some((one) => one.id === board.id) ? items.map((one) => (one.id === board.id ? board : one)) : [...items, board] };
}

/**
 * Changes a dashboard: on screen at once, then on the server, one change after the other. What the server refuses is
 * said and taken back.
 */
export function useChangeBoard(id: string) {
  const client = useQueryClient();
  return useMutation({
    scope: { id: `dashboard ${id}` },
    mutationKey: ['dashboardChange', id],
    mutationFn: (change: Change) => api('dashboardChange', { params: { id }, body: change }),
    onMutate: async (change) => {
      // An answer that is on its way does not know of this change.
      await client.cancelQueries({ queryKey: KEY });
      client.setQueryData<Boards>(KEY, (old) => old && { items: old.items.map((board) => (board.id === id ? { ...board, ...change } : board)) });
    },
    onSuccess: (board) => {
      // Later changes are on screen already; the server's answer to this one would hide them for a moment.
      if (client.isMutating({ mutationKey: ['dashboardChange', id] }) <= 1) client.setQueryData<Boards>(KEY, (old) => withBoard(old, board));
    },
    onError: (error) => {
      toast(new Error(`The dashboard was not saved. ${error.message}`));
      void client.invalidateQueries({ queryKey: KEY });
    },
  });
}

export function useCreateBoard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; shared?: boolean; widgets?: Dashboard['widgets'] }) => api('dashboardCreate', { body }),
    onSuccess: (board) => client.setQueryData<Boards>(KEY, (old) => withBoard(old, board)),
  });
}

export function useDeleteBoard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api('dashboardDelete', { params: { id } }),
    onSuccess: (_, id) => client.setQueryData<Boards>(KEY, (old) => old && { items: old.items.filter((board) => board.id !== id) }),
  });
}

const MOST_NAME = 100;

/** "My dashboard", "My dashboard 2": a name that none of these has. */
export function freeName(wanted: string, boards: readonly Pick<Dashboard, 'name'>[]): string {
  const taken = new Set(boards.map((board) => board.name));
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : ` ${number}`;
    const name = wanted.slice(0, MOST_NAME - suffix.length) + suffix;
    if (!taken.has(name)) return name;
  }
}
