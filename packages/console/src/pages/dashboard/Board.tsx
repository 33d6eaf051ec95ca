import type { Dashboard } from '@plimsoll/model/api';
import { Copy, Ellipsis, LayoutDashboard, Pencil, Plus, Share2, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useCan } from '../../api/session.ts';
import { Button, ConfirmDialog, EmptyState, IconButton, Menu, SkeletonLines, toast, useNarrow } from '../../components/index.ts';
import { addWidget, changeWidget, duplicateWidget, heightOf, inOrder, MOST_WIDGETS, move, newDraft, removeWidget, resize, WidgetCard, WidgetDialog } from '../../components/widgets/index.ts';
import type { WidgetActions } from '../../components/widgets/index.ts';
import { EditBoardDialog } from './BoardDialogs.tsx';
import { freeName, useChangeBoard, useCreateBoard, useDeleteBoard } from './boards.ts';

const WidgetGrid = lazy(() => import('../../components/widgets/WidgetGrid.tsx'));

const ICON = { size: 14, 'aria-hidden': true } as const;

/** The widgets of a dashboard. Only its owner changes them. */
export function Board({ board, adding, onAdding }: { board: Dashboard; adding: boolean; onAdding: (adding: boolean) => void }) {
  const change = useChangeBoard(board.id);
  const narrow = useNarrow();
  const [editing, setEditing] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const { widgets } = board;
  const save = (next: readonly Dashboard['widgets'][number][]) => change.mutate({ widgets: [...next] });
  const placed = (next: Dashboard['widgets'], id: string) => {
    const widget = next.find((one) => one.id === id);
    if (widget) setSaid(`${widget.title}: column ${widget.x + 1}, row ${widget.y + 1}, ${widget.w} columns wide, ${widget.h} rows high.`);
    save(next);
  };
  const full = () => {
    if (widgets.length < MOST_WIDGETS) return false;
    toast(new Error(`A dashboard holds ${MOST_WIDGETS} widgets. Remove one first, or make another dashboard.`));
    return true;
  };
  const actions: WidgetActions | undefined = board.mine
    ? {
        edit: setEditing,
        duplicate: (id) => {
          if (!full()) save(duplicateWidget(widgets, id));
        },
        remove: (id) => {
          const before = widgets;
          save(removeWidget(widgets, id));
          toast(`${before.find((widget) => widget.id === id)?.title ?? 'Widget'} removed.`);
        },
        move: (id, direction) => placed(move(widgets, id, direction), id),
        resize: (id, by) => placed(resize(widgets, id, by), id),
      }
    : undefined;
  const edited = widgets.find((widget) => widget.id === editing);

  return (
    <>
      {widgets.length === 0 ? (
        <EmptyState
          title="An empty dashboard"
          icon={<LayoutDashboard size={28} aria-hidden="true" />}
          actions={board.mine ? <Button variant="primary" icon={<Plus size={14} />} onClick={() => onAdding(true)}>Add widget</Button> : undefined}
        >
          {board.mine ? 'A widget is a query shown as a count, donut, bars, trend or table.' : `${board.owner} has not put anything on it yet.`}
        </EmptyState>
      ) : narrow ? (
        <div className="widget-column">
          {inOrder(widgets).map((widget) => (
            <div key={widget.id} style={{ height: heightOf(widget.h) }}>
              <WidgetCard widget={widget} placed={false} {...(actions ? { actions } : {})} />
            </div>
          ))}
        </div>
      ) : (
        <Suspense fallback={<SkeletonLines lines={6} />}>
          <WidgetGrid widgets={widgets} onPlaced={save} {...(actions ? { actions } : {})} />
        </Suspense>
      )}
      <p className="visually-hidden" role="status">{said}</p>
      {adding && board.mine && (
        <WidgetDialog
          title="Add widget"
          action="Add widget"
          start={newDraft()}
          onClose={() => onAdding(false)}
          onSave={async (draft) => {
            if (full()) return onAdding(false);
            await change.mutateAsync({ widgets: addWidget(widgets, draft) });
            onAdding(false);
          }}
        />
      )}
      {edited && (
        <WidgetDialog
          title="Edit widget"
          action="Save"
          start={edited}
          onClose={() => setEditing(null)}
          onSave={async (draft) => {
            await change.mutateAsync({ widgets: changeWidget(widgets, edited.id, draft) });
            setEditing(null);
          }}
        />
      )}
    </>
  );
}

interface ActionsProps {
  board: Dashboard;
  boards: readonly Dashboard[];
  onAdd: () => void;
  /** Shows another dashboard; the overview for an empty id. */
  onGo: (id: string) => void;
}

/** What can be done with the dashboard on screen. */
export function BoardActions({ board, boards, onAdd, onGo }: ActionsProps) {
  const change = useChangeBoard(board.id);
  const create = useCreateBoard();
  const remove = useDeleteBoard();
  const own = useCan('own');
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
  const copy = () =>
    create.mutate(
      { name: freeName(board.mine ? `${board.name} (copy)` : board.name, boards.filter((one) => one.mine)), widgets: board.widgets },
      {
        onSuccess: (made) => {
          onGo(made.id);
          toast(`Copied. ${made.name} is yours to change.`);
        },
        onError: toast,
      },
    );
  if (!own) return null;
  if (!board.mine) return <Button icon={<Copy {...ICON} />} busy={create.isPending} onClick={copy}>Copy to mine</Button>;
  return (
    <>
      <Button variant="primary" icon={<Plus {...ICON} />} onClick={onAdd}>Add widget</Button>
      <Menu
        trigger={<IconButton icon={<Ellipsis size={16} />} label="Actions of the dashboard" variant="default" />}
        items={[
          { label: 'Rename and share…', icon: <Pencil {...ICON} />, onSelect: () => setDialog('edit') },
          { label: board.shared ? 'Shared with everyone' : 'Share with everyone', icon: <Share2 {...ICON} />, checked: board.shared, onSelect: () => change.mutate({ shared: !board.shared }, { onSuccess: () => toast(board.shared ? 'No longer shared: only you see it.' : 'Shared: everyone here may look at it.') }) },
          { label: 'Duplicate', icon: <Copy {...ICON} />, onSelect: copy },
          'separator',
          { label: 'Delete…', icon: <Trash2 {...ICON} />, danger: true, onSelect: () => setDialog('delete') },
        ]}
      />
      {dialog === 'edit' && <EditBoardDialog board={board} onClose={() => setDialog(null)} />}
      <ConfirmDialog
        open={dialog === 'delete'}
        onClose={() => setDialog(null)}
        title={`Delete ${board.name}?`}
        action="Delete dashboard"
        onConfirm={async () => {
          await remove.mutateAsync(board.id);
          onGo('');
        }}
      >
        Its {board.widgets.length} widgets go with it{board.shared ? ', for everybody it is shared with too' : ''}. This cannot be undone.
      </ConfirmDialog>
    </>
  );
}
