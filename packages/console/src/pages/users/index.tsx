import type { User } from '@plimsoll/model/api';
import { Ellipsis, Plus } from 'lucide-react';
import { useState } from 'react';
import { useApi, useChange } from '../../api/queries.ts';
import { useMe } from '../../api/session.ts';
import { Badge, Button, ConfirmDialog, EmptyState, IconButton, Menu, Page, Time, toast } from '../../components/index.ts';
import type { Column } from '../../components/index.ts';
import { Guard, LocalTable, ROLE_TEXTS, ScopeCell } from '../../components/configuration/index.ts';
import { useUrlState } from '../../url.ts';
import { EditUser, NewUser } from './UserDialogs.tsx';

const DEFAULTS = { add: '' };
const TITLE = 'Users';

export default function UsersPage() {
  return <Guard needs="admin" title={TITLE}><Users /></Guard>;
}

/** Who may sign in, what they may do and what they see. */
function Users() {
  const users = useApi('users');
  const [{ add }, set] = useUrlState(DEFAULTS);
  return (
    <Page title={TITLE} actions={<Button variant="primary" icon={<Plus size={14} />} onClick={() => set({ add: 'user' })}>Add user</Button>}>
      <LocalTable label={TITLE} columns={COLUMNS} of={users} rowKey={(row) => row.id} empty={<EmptyState title="No users">Add the first one.</EmptyState>} />
      {add === 'user' && <NewUser onClose={() => set({ add: '' })} />}
    </Page>
  );
}

const COLUMNS: readonly Column<User>[] = [
  { id: 'name', title: 'Name', width: 190, grow: 2, narrow: 'title', value: (row) => row.name, cell: (row) => <span className="cell-two"><span className="cell-main">{row.name}</span><span>{row.email}</span></span> },
  { id: 'role', title: 'Role', width: 96, narrow: 'detail', value: (row) => row.role, cell: (row) => <Badge tone={row.role === 'admin' ? 'violet' : 'grey'} title={ROLE_TEXTS[row.role].hint}>{ROLE_TEXTS[row.role].title}</Badge> },
  { id: 'scope', title: 'Sees', width: 150, grow: 1, cell: (row) => <ScopeCell scope={row.scope} /> },
  {
    id: 'state', title: 'State', width: 150, narrow: 'end', value: (row) => Number(row.disabled) * 2 + Number(row.locked),
    cell: (row) => (
      <span className="line">
        {row.disabled ? <Badge>Disabled</Badge> : row.locked ? <Badge tone="danger" title="Too many wrong passwords">Locked</Badge> : <Badge tone="good">Active</Badge>}
        {row.oidc && <Badge tone="info" title="Signs in by the identity provider">SSO</Badge>}
      </span>
    ),
  },
  { id: 'seen', title: 'Last sign-in', width: 110, narrow: 'detail', descFirst: true, value: (row) => row.lastSignIn, cell: (row) => <Time value={row.lastSignIn} missing="never" /> },
  { id: 'created', title: 'Created', width: 110, descFirst: true, value: (row) => row.created, cell: (row) => <Time value={row.created} /> },
  { id: 'actions', title: 'Actions', header: <span />, width: 34, align: 'end', narrow: 'end', cell: (row) => <UserActions user={row} /> },
];

function UserActions({ user }: { user: User }) {
  const change = useChange('userChange', ['users']);
  const remove = useChange('userDelete', ['users']);
  const me = useMe();
  const [dialog, setDialog] = useState<'edit' | 'disable' | 'remove' | null>(null);
  const self = user.id === me.id;
  const params = { id: user.id };
  return (
    <>
      <Menu
        trigger={<IconButton icon={<Ellipsis size={16} />} label={`Actions of ${user.name}`} size="small" />}
        items={[
          { label: 'Edit…', onSelect: () => setDialog('edit') },
          ...(user.locked ? [{ label: 'Unlock', onSelect: () => change.mutate({ params, body: { unlock: true } }, { onSuccess: () => toast(`${user.name} can sign in again.`), onError: toast }) }] : []),
          user.disabled
            ? { label: 'Enable', onSelect: () => change.mutate({ params, body: { disabled: false } }, { onSuccess: () => toast(`${user.name} can sign in again.`), onError: toast }) }
            : { label: 'Disable…', disabled: self, onSelect: () => setDialog('disable') },
          'separator',
          { label: 'Remove…', danger: true, disabled: self, onSelect: () => setDialog('remove') },
        ]}
      />
      {dialog === 'edit' && <EditUser user={user} onClose={() => setDialog(null)} />}
      <ConfirmDialog open={dialog === 'disable'} onClose={() => setDialog(null)} title={`Disable ${user.name}?`} action="Disable user" onConfirm={() => change.mutateAsync({ params, body: { disabled: true } })}>
        {user.name} is signed out and cannot sign in until enabled again. Dashboards, searches and tags stay.
      </ConfirmDialog>
      <ConfirmDialog
        open={dialog === 'remove'}
        onClose={() => setDialog(null)}
        title={`Remove ${user.name}?`}
        action="Remove user"
        onConfirm={async () => {
          await remove.mutateAsync({ params });
          toast(`${user.name} is removed.`);
        }}
      >
        The dashboards, saved searches and API tokens of {user.name} go too, shared ones as well. To keep them, disable instead.
      </ConfirmDialog>
    </>
  );
}
