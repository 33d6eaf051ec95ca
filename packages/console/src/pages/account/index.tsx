import { Monitor, Moon, Sun } from 'lucide-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useCan, useMe, useSignedIn } from '../../api/session.ts';
import { Badge, Button, Card, errorOf, Field, Form, FormActions, Input, Notice, Page, toast } from '../../components/index.ts';
import { ROLE_TEXTS, ScopeCell, Segmented } from '../../components/configuration/index.ts';
import { chooseTheme, useThemeChoice } from '../../theme.ts';
import '../../components/configuration/configuration.css';

const LEAST_PASSWORD = 12;
const ICON = { size: 14, 'aria-hidden': true } as const;

/** One's own name, password and looks. */
export default function AccountPage() {
  const me = useMe();
  const own = useCan('own');
  const theme = useThemeChoice();
  return (
    <Page title="Your account">
      <Card title="You" className="form-card">
        <div className="stack">
          <dl className="facts">
            <dt>Email</dt><dd>{me.email}</dd>
            <dt>Role</dt><dd><Badge>{ROLE_TEXTS[me.role].title}</Badge> <span className="muted">{ROLE_TEXTS[me.role].hint}</span></dd>
            <dt>You see</dt><dd><ScopeCell scope={me.scope} /></dd>
          </dl>
          {own && <NameForm key={me.name} name={me.name} />}
        </div>
      </Card>
      {own && <Card title="Password" className="form-card"><PasswordForm /></Card>}
      <Card title="Looks" className="form-card">
        <Segmented
          legend="Theme"
          name="theme"
          quiet
          value={theme}
          onValue={chooseTheme}
          options={[{ value: 'light', label: 'Light', icon: <Sun {...ICON} /> }, { value: 'dark', label: 'Dark', icon: <Moon {...ICON} /> }, { value: 'system', label: 'As the system', icon: <Monitor {...ICON} /> }]}
        />
      </Card>
    </Page>
  );
}

function NameForm({ name: known }: { name: string }) {
  const [name, setName] = useState(known);
  const signedIn = useSignedIn();
  const change = useMutation({
    mutationFn: () => api('changeMe', { body: { name: name.trim() } }),
    onSuccess: (me) => {
      signedIn(me);
      toast('Name changed.');
    },
  });
  const isChanged = name.trim() !== '' && name.trim() !== known;
  return (
    <Form onSubmit={() => isChanged && change.mutate()}>
      <Field label="Name" error={change.error ? (errorOf(change.error, 'name') ?? change.error.message) : undefined}><Input value={name} maxLength={100} autoComplete="name" onChange={(event) => setName(event.target.value)} /></Field>
      <FormActions><Button type="submit" busy={change.isPending} disabled={!isChanged}>Change name</Button></FormActions>
    </Form>
  );
}

function PasswordForm() {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const signedIn = useSignedIn();
  const change = useMutation({
    mutationFn: () => api('changeMe', { body: { currentPassword: current, password } }),
    onSuccess: (me) => {
      signedIn(me);
      setCurrent('');
      setPassword('');
      setAgain('');
      toast('Password changed. Your other sessions are signed out.');
    },
  });
  const differs = again !== '' && again !== password;
  const isComplete = current !== '' && password.length >= LEAST_PASSWORD && again === password;
  const told = ['currentPassword', 'password'].some((path) => errorOf(change.error, path) !== undefined);
  return (
    <Form onSubmit={() => isComplete && change.mutate()}>
      {change.error && !told && <Notice tone="danger">{change.error.message}</Notice>}
      <Field label="Current password" error={errorOf(change.error, 'currentPassword')}><Input type="password" value={current} autoComplete="current-password" onChange={(event) => setCurrent(event.target.value)} /></Field>
      <Field label="New password" hint={`At least ${LEAST_PASSWORD} characters.`} error={errorOf(change.error, 'password')}><Input type="password" value={password} autoComplete="new-password" onChange={(event) => setPassword(event.target.value)} /></Field>
      <Field label="New password again" error={differs ? 'The two are not the same.' : undefined}><Input type="password" value={again} autoComplete="new-password" onChange={(event) => setAgain(event.target.value)} /></Field>
      <FormActions><Button type="submit" busy={change.isPending} disabled={!isComplete}>Change password</Button></FormActions>
    </Form>
  );
}
