import type { ApiToken } from '@plimsoll/model/api';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useApi, useChange } from '../../api/queries.ts';
import { useCan, useMe } from '../../api/session.ts';
import { Badge, Button, CodeBlock, ConfirmDialog, Dialog, EmptyState, errorOf, Field, Form, Input, Notice, Page, Select, Time, toast } from '../../components/index.ts';
import type { Column } from '../../components/index.ts';
import { Guard, LocalTable, roleOptions, rolesWithin, ROLE_TEXTS, ScopeCell, ScopeField } from '../../components/configuration/index.ts';
import { NumberInput } from '../../components/widgets/NumberInput.tsx';
import { useUrlState } from '../../url.ts';

const DEFAULTS = { add: '' };
const TITLE = 'API tokens';
const MOST_DAYS = 730;

export default function TokensPage() {
  return <Guard needs="own" title={TITLE}><Tokens /></Guard>;
}

/** Tokens for scripts and pipelines: one's own; an admin has those of others in view too. */
function Tokens() {
  const tokens = useApi('tokens');
  const admin = useCan('admin');
  const [{ add }, set] = useUrlState(DEFAULTS);
  const button = <Button variant="primary" icon={<Plus size={14} />} onClick={() => set({ add: 'token' })}>New token</Button>;
  return (
    <Page title={TITLE} subtitle={admin ? 'Of everybody. Each acts for its owner, with the role and scope it was given.' : 'For scripts and pipelines that act for you.'} actions={button}>
      <LocalTable
        label={TITLE}
        columns={COLUMNS}
        of={tokens}
        rowKey={(row) => row.id}
        empty={<EmptyState title="No tokens yet" icon={<KeyRound size={28} aria-hidden="true" />} actions={button}>With a token, a script or a pipeline uses the API without a password.</EmptyState>}
      />
      {add === 'token' && <NewToken onClose={() => set({ add: '' })} />}
    </Page>
  );
}

function stateOf(token: ApiToken): 'revoked' | 'expired' | 'active' {
  return token.revoked ? 'revoked' : Date.parse(token.expires) <= Date.now() ? 'expired' : 'active';
}
const STATE_BADGES = { active: <Badge tone="good">Active</Badge>, expired: <Badge>Expired</Badge>, revoked: <Badge tone="danger">Revoked</Badge> };

const COLUMNS: readonly Column<ApiToken>[] = [
  { id: 'name', title: 'Name', width: 170, grow: 2, narrow: 'title', value: (row) => row.name, cell: (row) => <span className="cell-two"><span className="cell-main">{row.name}</span><span className="mono">{row.prefix}…</span></span> },
  { id: 'state', title: 'State', width: 92, narrow: 'end', value: (row) => stateOf(row), cell: (row) => STATE_BADGES[stateOf(row)] },
  { id: 'role', title: 'Role', width: 92, narrow: 'detail', value: (row) => row.role, cell: (row) => <Badge title={ROLE_TEXTS[row.role].hint}>{ROLE_TEXTS[row.role].title}</Badge> },
  { id: 'scope', title: 'Sees', width: 130, grow: 1, cell: (row) => <ScopeCell scope={row.scope} /> },
  { id: 'owner', title: 'Owner', width: 130, grow: 1, narrow: 'detail', value: (row) => row.owner, cell: (row) => row.owner },
  { id: 'used', title: 'Last used', width: 100, descFirst: true, value: (row) => row.lastUsed, cell: (row) => <Time value={row.lastUsed} missing="never" /> },
  { id: 'expires', title: 'Expires', width: 100, value: (row) => row.expires, cell: (row) => <Time value={row.expires} /> },
  { id: 'created', title: 'Created', width: 100, descFirst: true, value: (row) => row.created, cell: (row) => <Time value={row.created} /> },
  { id: 'actions', title: 'Actions', header: <span />, width: 82, align: 'end', narrow: 'end', cell: (row) => (stateOf(row) === 'active' ? <Revoke token={row} /> : null) },
];

function Revoke({ token }: { token: ApiToken }) {
  const revoke = useChange('tokenRevoke', ['tokens']);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setAsking(true)}>Revoke</Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Revoke ${token.name}?`}
        action="Revoke token"
        onConfirm={async () => {
          await revoke.mutateAsync({ params: { id: token.id } });
          toast(`${token.name} is revoked.`);
        }}
      >
        What uses it is refused from now on. This cannot be undone.
      </ConfirmDialog>
    </>
  );
}

const ROLES = ['admin', 'manager', 'reader', 'ci'] as const;

function NewToken({ onClose }: { onClose: () => void }) {
  const me = useMe();
  const create = useChange('tokenCreate', ['tokens']);
  const roles = rolesWithin(me.role, ROLES);
  const [name, setName] = useState('');
  const [role, setRole] = useState<(typeof ROLES)[number]>(roles.includes('ci') ? 'ci' : 'reader');
  const [scope, setScope] = useState<string[] | null>(me.scope);
  const [days, setDays] = useState(90);
  const submit = () => {
    if (name.trim() !== '') create.mutate({ body: { name: name.trim(), role, scope: role === 'admin' ? null : scope, days } });
  };
  if (create.data) {
    return (
      <Dialog open onClose={onClose} title={`Token ${create.data.token.name}`} actions={<Button variant="primary" onClick={onClose}>I have it</Button>}>
        <div className="stack">
          <Notice tone="warn">Copy it now: it is shown only this once. If it gets lost, revoke it and make another.</Notice>
          <CodeBlock code={create.data.secret} label="Token" />
          <p className="small muted">It goes into the header <code>Authorization: Bearer …</code> and expires <Time value={create.data.token.expires} />.</p>
        </div>
      </Dialog>
    );
  }
  const told = ['name', 'role', 'scope', 'days'].some((path) => errorOf(create.error, path) !== undefined);
  return (
    <Dialog open onClose={onClose} title="New API token" actions={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" busy={create.isPending} disabled={name.trim() === ''} onClick={submit}>Create token</Button></>}>
      <Form onSubmit={submit}>
        {create.error && !told && <Notice tone="danger">{create.error.message}</Notice>}
        <Field label="Name" hint="What it is for." error={errorOf(create.error, 'name')}><Input value={name} autoFocus maxLength={100} placeholder="Pipeline of the shop" onChange={(event) => setName(event.target.value)} /></Field>
        <div className="form-pair">
          <Field label="Role" hint={ROLE_TEXTS[role].hint} error={errorOf(create.error, 'role')}><Select value={role} onValue={(value) => setRole(ROLES.find((one) => one === value) ?? role)} options={roleOptions(roles)} /></Field>
          <Field label="Days until it expires" error={errorOf(create.error, 'days')}><NumberInput least={1} most={MOST_DAYS} value={days} onValue={setDays} /></Field>
        </div>
        {role === 'admin' ? <p className="small muted">An admin sees everything.</p> : <ScopeField value={scope} onValue={setScope} within={me.scope} error={errorOf(create.error, 'scope')} />}
        <button type="submit" hidden />
      </Form>
    </Dialog>
  );
}
