import type { EnrolmentToken } from '@plimsoll/model/api';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import { useState } from 'react';
import { useApi, useChange } from '../../api/queries.ts';
import { Button, CodeBlock, Dialog, errorOf, Field, Form, Input, Link, Notice, Select, Time } from '../../components/index.ts';
import { Segmented } from '../../components/configuration/index.ts';
import { NumberInput } from '../../components/widgets/NumberInput.tsx';
import { plural } from '../../format.ts';
import { linkTo } from '../../url.ts';
import { arrivalsOf } from './enrolment.ts';
import './sensors.css';

interface Made {
  token: EnrolmentToken;
  secret: string;
  commands: { title: string; command: string }[];
}

const MOST_HOSTS = 1000;
const MOST_NOTE = 200;
const POLL_MS = 2000;
const VALID = [{ value: '1', label: '1 hour' }, { value: '24', label: '1 day' }, { value: '168', label: '7 days' }, { value: '720', label: '30 days' }];

/** Makes an enrolment token, shows the commands, and waits for the sensor to come. */
export function AddSensorDialog({ onClose }: { onClose: () => void }) {
  const create = useChange('enrolmentTokenCreate', ['enrolmentTokens']);
  const [note, setNote] = useState('');
  const [hours, setHours] = useState('24');
  const [maxUses, setMaxUses] = useState(1);
  const made: Made | undefined = create.data;
  const submit = () => create.mutate({ body: { note: note.trim(), hours: Number(hours), maxUses } });
  if (made) return <Commands made={made} onClose={onClose} onAnother={() => create.reset()} />;
  return (
    <Dialog open onClose={onClose} title="Add sensor" actions={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" busy={create.isPending} onClick={submit}>Show the commands</Button></>}>
      <Form onSubmit={submit}>
        <p className="soft">A sensor joins with a token, and then gets a credential of its own.</p>
        {create.error && <Notice tone="danger">{create.error.message}</Notice>}
        <Field label="Note" error={errorOf(create.error, 'note')} hint="To recognise the token by, until it is used."><Input value={note} maxLength={MOST_NOTE} placeholder="Web servers in Frankfurt" onChange={(event) => setNote(event.target.value)} /></Field>
        <div className="form-pair">
          <Field label="Hosts that may join" error={errorOf(create.error, 'maxUses')} hint="More than one: for a cluster or a fleet."><NumberInput least={1} most={MOST_HOSTS} value={maxUses} onValue={setMaxUses} /></Field>
          <Field label="Token valid for" error={errorOf(create.error, 'hours')}><Select value={hours} onValue={setHours} options={VALID} /></Field>
        </div>
        <button type="submit" hidden />
      </Form>
    </Dialog>
  );
}

/** What the server calls them, cut to what fits on a button. */
const SHORT = new Map([
  ['As a process', 'Process'],
  ['As a container', 'Docker'],
  ['As a container that sees the host’s own packages too', 'Docker, with the host’s packages'],
  ['On each node of a Kubernetes cluster', 'Kubernetes'],
]);

function Commands({ made, onClose, onAnother }: { made: Made; onClose: () => void; onAnother: () => void }) {
  const [way, setWay] = useState(made.commands[0]?.title ?? '');
  const shown = made.commands.find((command) => command.title === way);
  return (
    <Dialog open onClose={onClose} title="Add sensor" size="large" actions={<><Button onClick={onAnother}>Another token</Button><Button variant="primary" onClick={onClose}>Done</Button></>}>
      <div className="stack add-sensor">
        <Segmented legend="How it runs" name="sensor-way" value={way} onValue={setWay} options={made.commands.map(({ title }) => ({ value: title, label: SHORT.get(title) ?? title }))} />
        {shown && <CodeBlock code={shown.command} label={`${shown.title}: command`} />}
        <p className="small muted">
          Run it on {made.token.maxUses === 1 ? 'the host' : `up to ${plural(made.token.maxUses, 'host')}`}. The token in it expires <Time value={made.token.expires} /> and is shown only now; it can be withdrawn under Enrolment tokens.
        </p>
        <Waiting token={made.token} />
      </div>
    </Dialog>
  );
}

function Waiting({ token }: { token: EnrolmentToken }) {
  const tokens = useApi('enrolmentTokens', {}, { every: POLL_MS });
  const sensors = useApi('sensors', {}, { every: POLL_MS });
  const { uses, maxUses, host, hostId } = arrivalsOf(token.id, tokens.data?.items ?? [], sensors.data?.items ?? []);
  const done = uses >= maxUses;
  return (
    <div className={uses > 0 ? 'waiting waiting-here' : 'waiting'} role="status">
      {done ? <CircleCheck size={18} aria-hidden="true" /> : <LoaderCircle size={18} className="spinning" aria-hidden="true" />}
      {uses === 0 ? (
        <span>Waiting for the sensor. This changes by itself once it has joined.</span>
      ) : (
        <span>
          {hostId === null ? <strong>{host ?? 'A host'}</strong> : <Link href={linkTo.host(hostId)}><strong>{host}</strong></Link>} has joined.{' '}
          {done ? 'Its images and containers come in now.' : `${uses} of ${plural(maxUses, 'host')} so far; waiting for more.`}
        </span>
      )}
    </div>
  );
}
