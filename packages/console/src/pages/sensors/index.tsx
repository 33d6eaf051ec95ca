import type { EnrolmentToken, SensorView } from '@plimsoll/model/api';
import { Ellipsis, Plus, Radio } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useApi, useChange } from '../../api/queries.ts';
import { useCan } from '../../api/session.ts';
import { Badge, Button, ConfirmDialog, EmptyState, IconButton, Link, Menu, Page, StateBadge, Tabs, Time, toast } from '../../components/index.ts';
import type { Column } from '../../components/index.ts';
import { LocalTable } from '../../components/configuration/index.ts';
import { formatMinutes, formatNumber, shortId } from '../../format.ts';
import { linkTo, useUrlState } from '../../url.ts';
import { AddSensorDialog } from './AddSensorDialog.tsx';
import { isOutstanding } from './enrolment.ts';

const DEFAULTS = { add: '' };
const ADD = 'sensor';

/** Sensors, what they do, and how to add one. */
export default function SensorsPage() {
  const sensors = useApi('sensors', {}, { every: 15_000 });
  const manage = useCan('manage');
  const [{ add }, set] = useUrlState(DEFAULTS);
  const addButton = manage ? <Button variant="primary" icon={<Plus size={14} />} onClick={() => set({ add: ADD })}>Add sensor</Button> : undefined;
  const list = () => (
    <LocalTable
      label="Sensors"
      columns={manage ? MANAGED : COLUMNS}
      of={sensors}
      rowKey={(row) => row.id}
      empty={<EmptyState title="No sensor yet" icon={<Radio size={28} aria-hidden="true" />} actions={addButton}>A sensor runs on each host. It reports what is there and analyses images where they are.</EmptyState>}
    />
  );
  return (
    <Page title="Sensors" actions={addButton}>
      {manage ? (
        <Tabs
          label="Sensors"
          tabs={[
            { id: 'sensors', title: 'Sensors', count: sensors.data?.items.length ?? null, render: list },
            { id: 'tokens', title: 'Enrolment tokens', render: () => <Tokens onAdd={() => set({ add: ADD })} /> },
          ]}
        />
      ) : list()}
      {manage && add === ADD && <AddSensorDialog onClose={() => set({ add: '' })} />}
    </Page>
  );
}

const COLUMNS: readonly Column<SensorView>[] = [
  { id: 'host', title: 'Host', width: 170, grow: 2, narrow: 'title', value: (row) => row.host, cell: (row) => <Link className="cell-main" href={linkTo.host(row.hostId)}>{row.host}</Link> },
  { id: 'state', title: 'State', width: 104, narrow: 'end', value: (row) => row.state, cell: (row) => <StateBadge state={row.state} /> },
  { id: 'seen', title: 'Last seen', width: 100, narrow: 'detail', descFirst: true, value: (row) => row.lastSeen, cell: (row) => <Time value={row.lastSeen} missing="never" /> },
  { id: 'version', title: 'Version', width: 84, narrow: 'detail', value: (row) => row.version, cell: (row) => <span title={row.features.length === 0 ? undefined : `With ${row.features.join(', ')}`}>{row.version ?? <span className="muted">–</span>}{row.features.length > 0 && <span className="muted"> +{row.features.length}</span>}</span> },
  { id: 'analysing', title: 'At work on', width: 140, grow: 1, cell: (row) => (row.analysing === null ? <span className="muted">idle</span> : <Link className="mono" href={linkTo.image(row.analysing)}>{shortId(row.analysing)}</Link>) },
  { id: 'spooled', title: 'Spooled', width: 84, align: 'end', descFirst: true, value: (row) => row.spooled, cell: (row) => <span className={row.spooled === 0 ? 'muted' : undefined} title="Messages that wait on the host to be sent">{formatNumber(row.spooled)}</span> },
  { id: 'dropped', title: 'Dropped', width: 84, align: 'end', descFirst: true, value: (row) => row.dropped, cell: (row) => (row.dropped === 0 ? <span className="muted">0</span> : <Badge tone="danger" title="Events that it had no room to keep">{formatNumber(row.dropped)}</Badge>) },
  { id: 'away', title: 'Away, 7 days', width: 104, align: 'end', descFirst: true, value: (row) => row.awayMinutes, cell: (row) => <span className={row.awayMinutes === 0 ? 'muted' : undefined}>{row.awayMinutes === 0 ? 'never' : formatMinutes(row.awayMinutes)}</span> },
  { id: 'enrolled', title: 'Enrolled', width: 92, descFirst: true, value: (row) => row.enrolled, cell: (row) => <Time value={row.enrolled} /> },
];
const MANAGED: readonly Column<SensorView>[] = [...COLUMNS, { id: 'actions', title: 'Actions', header: <span />, width: 34, align: 'end', narrow: 'end', cell: (row) => <SensorActions sensor={row} /> }];

function SensorActions({ sensor }: { sensor: SensorView }) {
  const revoke = useChange('sensorRevoke', ['sensors', 'coverage', 'overview']);
  const [asking, setAsking] = useState(false);
  if (sensor.state === 'revoked') return null;
  return (
    <>
      <Menu
        trigger={<IconButton icon={<Ellipsis size={16} />} label={`Actions of the sensor on ${sensor.host}`} size="small" />}
        items={[{ label: 'Open its host', href: linkTo.host(sensor.hostId) }, 'separator', { label: 'Revoke…', danger: true, onSelect: () => setAsking(true) }]}
      />
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Revoke the sensor on ${sensor.host}?`}
        action="Revoke sensor"
        onConfirm={async () => {
          await revoke.mutateAsync({ params: { id: sensor.id } });
          toast(`The sensor on ${sensor.host} is revoked.`);
        }}
      >
        The server takes nothing from it any more. What it reported stays. To watch the host again, add a sensor anew.
      </ConfirmDialog>
    </>
  );
}

function Tokens({ onAdd }: { onAdd: () => void }) {
  const tokens = useApi('enrolmentTokens', {}, { every: 15_000 });
  const items = useMemo(() => tokens.data?.items.toSorted((a, b) => Number(isOutstanding(b)) - Number(isOutstanding(a))), [tokens.data]);
  return (
    <LocalTable
      label="Enrolment tokens"
      columns={TOKEN_COLUMNS}
      of={tokens}
      only={items}
      rowKey={(row) => row.id}
      empty={<EmptyState title="No enrolment tokens" actions={<Button onClick={onAdd}>Add sensor</Button>}>A token lets a sensor join once, or a fleet as often as you say. Unused ones stand here and can be withdrawn.</EmptyState>}
    />
  );
}

const TOKEN_COLUMNS: readonly Column<EnrolmentToken>[] = [
  { id: 'note', title: 'For', width: 170, grow: 2, narrow: 'title', value: (row) => row.note, cell: (row) => (row.note === '' ? <span className="muted">No note</span> : <span className="strong">{row.note}</span>) },
  {
    id: 'state', title: 'State', width: 110, narrow: 'end', value: (row) => Number(isOutstanding(row)),
    cell: (row) => (isOutstanding(row) ? <Badge tone="info">Waiting</Badge> : row.uses >= row.maxUses ? <Badge tone="good">Used</Badge> : <Badge>Expired</Badge>),
  },
  { id: 'uses', title: 'Used', width: 90, align: 'end', value: (row) => row.uses, cell: (row) => `${formatNumber(row.uses)} of ${formatNumber(row.maxUses)}` },
  { id: 'host', title: 'Last host', width: 130, grow: 1, value: (row) => row.host, cell: (row) => row.host ?? <span className="muted">–</span> },
  { id: 'expires', title: 'Expires', width: 100, narrow: 'detail', value: (row) => row.expires, cell: (row) => <Time value={row.expires} /> },
  { id: 'created', title: 'Created', width: 100, descFirst: true, value: (row) => row.created, cell: (row) => <Time value={row.created} /> },
  { id: 'by', title: 'By', width: 120, grow: 1, narrow: 'detail', value: (row) => row.createdBy, cell: (row) => row.createdBy },
  { id: 'actions', title: 'Actions', header: <span />, width: 90, align: 'end', narrow: 'end', cell: (row) => (isOutstanding(row) ? <Withdraw token={row} /> : null) },
];

function Withdraw({ token }: { token: EnrolmentToken }) {
  const withdraw = useChange('enrolmentTokenDelete', ['enrolmentTokens']);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setAsking(true)}>Withdraw</Button>
      <ConfirmDialog open={asking} onClose={() => setAsking(false)} title="Withdraw this token?" action="Withdraw token" onConfirm={() => withdraw.mutateAsync({ params: { id: token.id } })}>
        No sensor can join with it any more. Sensors that did stay.
      </ConfirmDialog>
    </>
  );
}
