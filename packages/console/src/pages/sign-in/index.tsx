import type { SetupState } from '@plimsoll/model/api';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { api, urlOf } from '../../api/client.ts';
import { useSignedIn } from '../../api/session.ts';
import { Button, Field, Form, Input, Notice } from '../../components/index.ts';
import { Welcome } from '../../components/Welcome.tsx';

export default function SignInPage({ state }: { state: SetupState }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [location, navigate] = useLocation();
  const signedIn = useSignedIn();
  const signIn = useMutation({
    mutationFn: () => api('signIn', { body: { email: email.trim(), password } }),
    onSuccess: (me) => {
      if (location === '/setup' || location === '/sign-in') navigate('/', { replace: true });
      signedIn(me);
    },
  });
  useEffect(() => {
    document.title = 'Sign in · Plimsoll';
  }, []);
  const refused = new URLSearchParams(window.location.search).get('signInError');
  const error = signIn.error?.message ?? refused;
  return (
    <Welcome title="Sign in" version={state.version}>
      <Form onSubmit={() => signIn.mutate()}>
        {error !== null && <Notice tone="danger">{error}</Notice>}
        <Field label="Email"><Input type="email" autoComplete="username" value={email} autoFocus required onChange={(event) => setEmail(event.target.value)} /></Field>
        <Field label="Password"><Input type="password" autoComplete="current-password" value={password} required onChange={(event) => setPassword(event.target.value)} /></Field>
        <Button type="submit" variant="primary" busy={signIn.isPending} disabled={email.trim() === '' || password === ''}>Sign in</Button>
      </Form>
      {state.oidc && (
        <>
          <p className="welcome-or">or</p>
          <a className="button button-default" href={urlOf('oidcStart', { query: { to: window.location.pathname + window.location.search } })}>Continue with {state.oidc.name}</a>
        </>
      )}
    </Welcome>
  );
}
