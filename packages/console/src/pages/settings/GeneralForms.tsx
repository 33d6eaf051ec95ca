import type { Settings } from '@plimsoll/model/api';
import { useState } from 'react';
import { useChange } from '../../api/queries.ts';
import { Button, errorOf, Field, Form, FormActions, Notice, toast } from '../../components/index.ts';
import { NumberInput } from '../../components/widgets/NumberInput.tsx';

const MOST_HOURS = 720;
const MOST_DAYS = 3650;
const saved = () => toast('Settings saved.');

export function SessionForm({ hours: known }: { hours: number }) {
  const change = useChange('settingsChange', ['settings']);
  const [hours, setHours] = useState(known);
  return (
    <Form onSubmit={() => hours !== known && change.mutate({ body: { sessionHours: hours } }, { onSuccess: saved })}>
      <Field label="Hours until people have to sign in again" error={change.error ? (errorOf(change.error, 'sessionHours') ?? change.error.message) : undefined} hint="Holds for who signs in from now on.">
        <NumberInput least={1} most={MOST_HOURS} value={hours} onValue={setHours} />
      </Field>
      <FormActions><Button type="submit" busy={change.isPending} disabled={hours === known}>Save</Button></FormActions>
    </Form>
  );
}

export function RetentionForm({ retention }: { retention: Settings['retention'] }) {
  const change = useChange('settingsChange', ['settings']);
  const [eventDays, setEventDays] = useState(retention.eventDays);
  const [goneDays, setGoneDays] = useState(retention.goneDays);
  const isSame = eventDays === retention.eventDays && goneDays === retention.goneDays;
  const told = ['retention.eventDays', 'retention.goneDays'].some((path) => errorOf(change.error, path) !== undefined);
  return (
    <Form onSubmit={() => !isSame && change.mutate({ body: { retention: { eventDays, goneDays } } }, { onSuccess: saved })}>
      {change.error && !told && <Notice tone="danger">{change.error.message}</Notice>}
      <Field label="Days that events are kept" error={errorOf(change.error, 'retention.eventDays')}><NumberInput least={1} most={MOST_DAYS} value={eventDays} onValue={setEventDays} /></Field>
      <Field label="Days that hosts, images and containers are kept once they are gone" error={errorOf(change.error, 'retention.goneDays')} hint="Their history goes with them."><NumberInput least={1} most={MOST_DAYS} value={goneDays} onValue={setGoneDays} /></Field>
      {(eventDays < retention.eventDays || goneDays < retention.goneDays) && <Notice tone="warn">What is older than that is deleted for good.</Notice>}
      <FormActions><Button type="submit" busy={change.isPending} disabled={isSame}>Save</Button></FormActions>
    </Form>
  );
}
