import type { Settings } from '@plimsoll/model/api';
import { useState } from 'react';
import { urlOf } from '../../api/client.ts';
import { useChange } from '../../api/queries.ts';
import { Button, Card, ConfirmDialog, CopyText, errorOf, Field, Form, FormActions, Input, Notice, Select, toast } from '../../components/index.ts';
import { roleOptions, ROLE_TEXTS } from '../../components/configuration/index.ts';

const ROLES = ['reader', 'manager', 'admin'] as const;
type HumanRole = (typeof ROLES)[number];
const PATHS = ['oidc.name', 'oidc.issuer', 'oidc.clientId', 'oidc.clientSecret', 'oidc.role'] as const;

/** Sign-in by an identity provider: OpenID Connect. */
export function OidcForm({ oidc }: { oidc: Settings['oidc'] }) {
  const change = useChange('settingsChange', ['settings', 'setupState']);
  const [name, setName] = useState(oidc?.name ?? '');
  const [issuer, setIssuer] = useState(oidc?.issuer ?? '');
  const [clientId, setClientId] = useState(oidc?.clientId ?? '');
  const [secret, setSecret] = useState('');
  const [role, setRole] = useState<HumanRole>(ROLES.find((one) => one === oidc?.role) ?? 'reader');
  const [asking, setAsking] = useState(false);
  const isComplete = name.trim() !== '' && issuer.trim() !== '' && clientId.trim() !== '';
  // The server forgets the secret with them, so that it is never sent to another provider.
  const isOther = oidc !== null && (oidc.issuer !== issuer.trim() || oidc.clientId !== clientId.trim());
  const submit = () => {
    if (!isComplete) return;
    change.mutate(
      { body: { oidc: { name: name.trim(), issuer: issuer.trim(), clientId: clientId.trim(), role, ...(secret === '' ? {} : { clientSecret: secret }) } } },
      { onSuccess: () => toast('Single sign-on saved.') },
    );
  };
  const told = PATHS.some((path) => errorOf(change.error, path) !== undefined);
  return (
    <Card title="OpenID Connect" className="form-card">
      <Form onSubmit={submit}>
        <p className="soft">Lets people sign in by your identity provider. Passwords go on working. Register this address with it as the redirect URI:</p>
        <CopyText text={new URL(urlOf('oidcReturn'), window.location.origin).href} />
        {change.error && !told && <Notice tone="danger">{change.error.message}</Notice>}
        <Field label="Name" hint="Stands on the button of the sign-in page." error={errorOf(change.error, 'oidc.name')}><Input value={name} maxLength={50} placeholder="Example SSO" onChange={(event) => setName(event.target.value)} /></Field>
        <Field label="Issuer" error={errorOf(change.error, 'oidc.issuer')}><Input type="url" value={issuer} placeholder="https://login.example.com" autoComplete="off" onChange={(event) => setIssuer(event.target.value)} /></Field>
        <Field label="Client ID" error={errorOf(change.error, 'oidc.clientId')}><Input value={clientId} maxLength={500} autoComplete="off" onChange={(event) => setClientId(event.target.value)} /></Field>
        <Field label="Client secret" error={errorOf(change.error, 'oidc.clientSecret')} hint={isOther && oidc.hasSecret ? 'The stored secret belongs to the former issuer and client: enter the new one.' : oidc?.hasSecret ? 'One is stored. Empty to keep it.' : 'Empty for a public client.'}>
          <Input type="password" value={secret} autoComplete="new-password" onChange={(event) => setSecret(event.target.value)} />
        </Field>
        <Field label="Role of who signs in for the first time" error={errorOf(change.error, 'oidc.role')} hint={ROLE_TEXTS[role].hint}>
          <Select value={role} onValue={(value) => setRole(ROLES.find((one) => one === value) ?? role)} options={roleOptions(ROLES)} />
        </Field>
        <FormActions>
          {oidc !== null && <Button variant="danger" onClick={() => setAsking(true)}>Turn off…</Button>}
          <Button type="submit" variant="primary" busy={change.isPending} disabled={!isComplete}>{oidc === null ? 'Turn on' : 'Save'}</Button>
        </FormActions>
      </Form>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Turn off single sign-on?"
        action="Turn off"
        onConfirm={async () => {
          await change.mutateAsync({ body: { oidc: null } });
          toast('Single sign-on is off.');
        }}
      >
        People who have no password here cannot sign in until it is set up again. Its settings are forgotten.
      </ConfirmDialog>
    </Card>
  );
}
