import type { User } from '@plimsoll/model/api';
import { useState } from 'react';
import { useChange } from '../../api/queries.ts';
import { Button, Dialog, errorOf, Field, Form, Input, Notice, Select, toast } from '../../components/index.ts';
import { roleOptions, ROLE_TEXTS, ScopeField } from '../../components/configuration/index.ts';

const ROLES = ['admin', 'manager', 'reader'] as const;
type HumanRole = (typeof ROLES)[number];
const LEAST_PASSWORD = 12;
const MOST_NAME = 100;
const PATHS = ['name', 'email', 'password', 'role', 'scope'] as const;

function humanRole(role: string): HumanRole {
  return ROLES.find((one) => one === role) ?? 'reader';
}

interface Fields {
  name: string;
  email: string;
  role: HumanRole;
  scope: string[] | null;
  password: string;
}

interface FormProps {
  title: string;
  action: string;
  start: Fields;
  /** Whether it is somebody new: with an address and a password. */
  isNew: boolean;
  /** Signs in by the identity provider: needs no password. */
  oidc: boolean;
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onSave: (fields: Fields) => void;
}

function UserForm({ title, action, start, isNew, oidc, busy, error, onClose, onSave }: FormProps) {
  const [fields, setFields] = useState(start);
  const set = (change: Partial<Fields>) => setFields((old) => ({ ...old, ...change }));
  const isComplete = fields.name.trim() !== '' && (!isNew || fields.email.trim() !== '') && (isNew || fields.password !== '' ? fields.password.length >= LEAST_PASSWORD : true);
  const submit = () => {
    if (isComplete) onSave({ ...fields, name: fields.name.trim(), email: fields.email.trim(), scope: fields.role === 'admin' ? null : fields.scope });
  };
  const told = PATHS.some((path) => errorOf(error, path) !== undefined);
  return (
    <Dialog open onClose={onClose} title={title} actions={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" busy={busy} disabled={!isComplete} onClick={submit}>{action}</Button></>}>
      <Form onSubmit={submit}>
        {error && !told && <Notice tone="danger">{error.message}</Notice>}
        <Field label="Name" error={errorOf(error, 'name')}><Input value={fields.name} maxLength={MOST_NAME} autoFocus autoComplete="off" onChange={(event) => set({ name: event.target.value })} /></Field>
        {isNew && <Field label="Email" error={errorOf(error, 'email')} hint="They sign in with it."><Input type="email" value={fields.email} autoComplete="off" onChange={(event) => set({ email: event.target.value })} /></Field>}
        {!oidc && (
          <Field label={isNew ? 'First password' : 'New password'} error={errorOf(error, 'password')} hint={isNew ? `At least ${LEAST_PASSWORD} characters. They can change it under Your account.` : `At least ${LEAST_PASSWORD} characters; empty to keep the one they have. Signs them out everywhere.`}>
            <Input type="password" value={fields.password} autoComplete="new-password" minLength={LEAST_PASSWORD} onChange={(event) => set({ password: event.target.value })} />
          </Field>
        )}
        <Field label="Role" error={errorOf(error, 'role')} hint={ROLE_TEXTS[fields.role].hint}><Select value={fields.role} onValue={(role) => set({ role: humanRole(role) })} options={roleOptions(ROLES)} /></Field>
        {fields.role !== 'admin' && <ScopeField value={fields.scope} onValue={(scope) => set({ scope })} error={errorOf(error, 'scope')} />}
        <button type="submit" hidden />
      </Form>
    </Dialog>
  );
}

export function NewUser({ onClose }: { onClose: () => void }) {
  const create = useChange('userCreate', ['users']);
  return (
    <UserForm
      title="Add user"
      action="Add user"
      isNew
      oidc={false}
      start={{ name: '', email: '', role: 'reader', scope: null, password: '' }}
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSave={(body) => create.mutate({ body }, {
        onSuccess: (user) => {
          toast(`${user.name} can sign in now.`);
          onClose();
        },
      })}
    />
  );
}

export function EditUser({ user, onClose }: { user: User; onClose: () => void }) {
  const change = useChange('userChange', ['users']);
  return (
    <UserForm
      title={`Edit ${user.name}`}
      action="Save"
      isNew={false}
      oidc={user.oidc}
      start={{ name: user.name, email: user.email, role: humanRole(user.role), scope: user.scope, password: '' }}
      busy={change.isPending}
      error={change.error}
      onClose={onClose}
      onSave={({ name, role, scope, password }) => change.mutate({ params: { id: user.id }, body: { name, role, scope, ...(password === '' ? {} : { password }) } }, {
        onSuccess: () => {
          toast(`${name} is saved.`);
          onClose();
        },
      })}
    />
  );
}
