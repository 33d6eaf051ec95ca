import type { Dashboard } from '@plimsoll/model/api';
import { useState } from 'react';
import { Button, Checkbox, Dialog, errorOf, Field, Form, Input, Notice, toast } from '../../components/index.ts';
import { freeName, useChangeBoard, useCreateBoard } from './boards.ts';

const MOST_NAME = 100;
const SHARED_HINT = 'Everyone here may look at it and copy it; only you change it. Each sees what their own role and scope let them see.';

interface FormProps {
  title: string;
  action: string;
  start: { name: string; shared: boolean };
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onSave: (board: { name: string; shared: boolean }) => void;
}

function BoardForm({ title, action, start, busy, error, onClose, onSave }: FormProps) {
  const [name, setName] = useState(start.name);
  const [shared, setShared] = useState(start.shared);
  const submit = () => {
    if (name.trim() !== '') onSave({ name: name.trim(), shared });
  };
  return (
    <Dialog open onClose={onClose} title={title} size="small" actions={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" busy={busy} disabled={name.trim() === ''} onClick={submit}>{action}</Button></>}>
      <Form onSubmit={submit}>
        <Field label="Name" error={errorOf(error, 'name')}><Input value={name} maxLength={MOST_NAME} autoFocus onFocus={(event) => event.target.select()} onChange={(event) => setName(event.target.value)} /></Field>
        <Checkbox label="Shared" hint={SHARED_HINT} checked={shared} onChange={(event) => setShared(event.target.checked)} />
        {error && errorOf(error, 'name') === undefined && <Notice tone="danger">{error.message}</Notice>}
      </Form>
    </Dialog>
  );
}

export function NewBoardDialog({ boards, onClose, onMade }: { boards: readonly Dashboard[]; onClose: () => void; onMade: (id: string) => void }) {
  const create = useCreateBoard();
  return (
    <BoardForm
      title="New dashboard"
      action="Create"
      start={{ name: freeName('My dashboard', boards), shared: false }}
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSave={(body) => create.mutate(body, {
        onSuccess: (board) => {
          onMade(board.id);
          onClose();
        },
      })}
    />
  );
}

export function EditBoardDialog({ board, onClose }: { board: Dashboard; onClose: () => void }) {
  const change = useChangeBoard(board.id);
  return (
    <BoardForm
      title="Name and sharing"
      action="Save"
      start={board}
      busy={change.isPending}
      error={null}
      onClose={onClose}
      onSave={(next) => {
        change.mutate(next, { onSuccess: () => toast('Dashboard saved.') });
        onClose();
      }}
    />
  );
}
