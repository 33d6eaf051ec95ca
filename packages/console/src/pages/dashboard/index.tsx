import { LayoutDashboard, Share2 } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '../../api/session.ts';
import { Button, EmptyState, Page, toast } from '../../components/index.ts';
import { addWidget, draftOfUrl, WidgetDialog } from '../../components/widgets/index.ts';
import type { WidgetDraft } from '../../components/widgets/index.ts';
import { useUrlState } from '../../url.ts';
import { Board, BoardActions } from './Board.tsx';
import { BoardTabs } from './BoardTabs.tsx';
import { freeName, useBoards, useCreateBoard } from './boards.ts';
import { NewBoardDialog } from './BoardDialogs.tsx';
import { Overview } from './Overview.tsx';
import { api } from '../../api/client.ts';
import './dashboard.css';

const DEFAULTS = { board: '', add: '', query: '', days: '30' };
const FIRST_NAME = 'My dashboard';

/** The overview that everybody has, and people's own dashboards: `?board=ID`. `?add=images&query=…` makes a widget of a list. */
export default function DashboardPage() {
  const [state, set] = useUrlState(DEFAULTS);
  const boards = useBoards();
  const create = useCreateBoard();
  const [creating, setCreating] = useState(false);
  const [adding, setAdding] = useState(false);
  const own = useCan('own');
  const items = boards.data?.items ?? [];
  const board = items.find((one) => one.id === state.board);
  const mine = items.filter((one) => one.mine);
  const wanted = draftOfUrl(state.add, state.query);
  const leave = () => set({ add: '', query: '' }, { replace: true });

  const addWanted = async (draft: WidgetDraft, to: string | null) => {
    const target = mine.find((one) => one.id === to);
    const saved = target
      ? await api('dashboardChange', { params: { id: target.id }, body: { widgets: addWidget(target.widgets, draft) } })
      : await create.mutateAsync({ name: freeName(FIRST_NAME, mine), widgets: addWidget([], draft) });
    await boards.refetch();
    set({ board: saved.id, add: '', query: '' }, { replace: true });
    toast(`Added to ${saved.name}.`);
  };

  return (
    <Page
      title={board?.name ?? 'Dashboard'}
      {...(board && !board.mine ? { subtitle: <><Share2 size={13} aria-hidden="true" /> Shared by {board.owner}</> } : {})}
      actions={board ? <BoardActions key={board.id} board={board} boards={items} onAdd={() => setAdding(true)} onGo={(id) => set({ board: id })} /> : undefined}
    >
      <BoardTabs boards={items} active={state.board} panel="board-panel" onChoose={(id) => set({ board: id })} {...(own ? { onNew: () => setCreating(true) } : {})} />
      <div id="board-panel" role="tabpanel" aria-label={board?.name ?? 'Overview'} className="stack board-panel">
        {board ? (
          <Board key={board.id} board={board} adding={adding} onAdding={setAdding} />
        ) : state.board === '' ? (
          <Overview days={state.days} onDays={(days) => set({ days })} />
        ) : boards.isPending ? null : (
          <EmptyState
            title="This dashboard is not here"
            icon={<LayoutDashboard size={28} aria-hidden="true" />}
            actions={<Button onClick={() => set({ board: '' }, { replace: true })}>To the overview</Button>}
          >
            It was removed, or its owner no longer shares it.
          </EmptyState>
        )}
      </div>
      {creating && <NewBoardDialog boards={mine} onClose={() => setCreating(false)} onMade={(id) => set({ board: id })} />}
      {wanted && own && !boards.isPending && (
        <WidgetDialog title="Add to a dashboard" action="Add widget" start={wanted} boards={mine.toSorted((a, b) => Number(b.id === state.board) - Number(a.id === state.board))} onClose={leave} onSave={addWanted} />
      )}
    </Page>
  );
}

