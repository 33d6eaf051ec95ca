import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../../api/client.ts';
import { useSignedIn } from '../../api/session.ts';
import { Button, errorOf, Field, Form, Input, Notice } from '../../components/index.ts';
import { Welcome } from '../../components/Welcome.tsx';

const FIELDS = ['code', 'name', 'email', 'password'] as const;
const LEAST_PASSWORD = 12;

/** `/setup#code=…`: the code is in the part of the address that browsers send to no server. */
function codeOf(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('code') ?? '';
}

export default function SetupPage() {
  const [given] = useState(() => codeOf(window.location.hash));
  const [form, setForm] = useState({ code: given, name: '', email: '', password: '' });
  const [, navigate] = useLocation();
  const signedIn = useSignedIn();
  const setup = useMutation({
    mutationFn: () => api('setup', { body: { ...form, code: form.code.trim(), name: form.name.trim(), email: form.email.trim() } }),
    onSuccess: (me) => {
      navigate('/', { replace: true });
      signedIn(me);
    },
  });
  useEffect(() => {
    document.title = 'Set up · Plimsoll';
  }, []);
  const field = (key: (typeof FIELDS)[number]) => ({ value: form[key], onChange: (event: { target: { value: string } }) => setForm({ ...form, [key]: event.target.value }) });
  const told = FIELDS.some((key) => errorOf(setup.error, key) !== undefined);
  return (
    <Welcome title="Welcome. Make the first account">
      <p className="soft">It is an administrator: it can add others later.</p>
      <Form onSubmit={() => setup.mutate()}>
        {setup.error && !told && <Notice tone="danger">{setup.error.message}</Notice>}
        {given === '' && <Field label="Set-up code" hint="The server printed it when it started." error={errorOf(setup.error, 'code')}><Input {...field('code')} autoFocus autoComplete="off" /></Field>}
        <Field label="Your name" error={errorOf(setup.error, 'name')}><Input {...field('name')} autoComplete="name" autoFocus={given !== ''} maxLength={100} /></Field>
        <Field label="Email" error={errorOf(setup.error, 'email')}><Input {...field('email')} type="email" autoComplete="username" /></Field>
        <Field label="Password" hint={`At least ${LEAST_PASSWORD} characters.`} error={errorOf(setup.error, 'password')}><Input {...field('password')} type="password" autoComplete="new-password" minLength={LEAST_PASSWORD} /></Field>
        <Button type="submit" variant="primary" busy={setup.isPending} disabled={form.code.trim() === '' || form.name.trim() === '' || form.email.trim() === '' || form.password.length < LEAST_PASSWORD}>Create account</Button>
      </Form>
    </Welcome>
  );
}
