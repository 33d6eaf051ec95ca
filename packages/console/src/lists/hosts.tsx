import { LinkButton, StateBadge, Tags, Time } from '../components/index.ts';
import { formatBytes } from '../format.ts';
import { linkTo } from '../url.ts';
import { CountLink, Maybe, Name, severityColumn } from './cells.tsx';
import type { EntityList } from './EntityListPage.tsx';
import { quoteValue } from '@plimsoll/query/syntax';

export const hosts: EntityList<'hosts'> = {
  entity: 'hosts',
  title: 'Hosts',
  one: 'host',
  href: (row) => linkTo.host(row.id),
  placeholder: 'isDockerHost:true and provider:(AWS or Azure or GCP)',
  nothing: {
    title: 'No host has reported yet',
    text: 'A sensor on each host reports it, with its images and containers.',
    actions: <LinkButton variant="primary" href={linkTo.sensors()}>Add a sensor</LinkButton>,
  },
  columns: [
    { id: 'name', title: 'Host', width: 140, grow: 2, sort: 'name', narrow: 'title', cell: (row) => <Name href={linkTo.host(row.id)} below={row.addresses[0] ?? 'no address'}>{row.name}</Name> },
    { id: 'sensor', title: 'Sensor', width: 86, sort: 'sensor', narrow: 'end', cell: (row) => <StateBadge state={row.sensor} /> },
    severityColumn(),
    {
      id: 'os', title: 'Operating system', width: 150, grow: 1.4, sort: 'operatingSystem',
      cell: (row) => <Name href={null} below={[row.kernel, row.architecture].filter((part) => part !== null).join(' · ') || '–'}>{row.os ?? 'Unknown'}</Name>,
    },
    { id: 'provider', title: 'Cloud', width: 92, sort: 'provider', cell: (row) => (row.provider === null ? <span className="muted">–</span> : <Name href={null} below={row.region ?? undefined}>{row.provider}</Name>) },
    { id: 'engine', title: 'Engine', width: 104, sort: 'engine', cell: (row) => <Maybe value={row.engine === null ? null : `${row.engine} ${row.engineVersion ?? ''}`} /> },
    { id: 'size', title: 'CPU, memory', width: 98, cell: (row) => <Maybe value={row.cpus === null ? null : `${row.cpus} · ${row.memory === null ? '–' : formatBytes(row.memory)}`} /> },
    {
      id: 'containers', title: 'Containers', width: 92, align: 'end', sort: 'containerCount', descFirst: true,
      cell: (row) => <><CountLink count={row.containers} href={linkTo.list('containers', `host:${quoteValue(row.name)}`)} /><span className="muted"> / {row.running} up</span></>,
    },
    { id: 'images', title: 'Images', width: 60, align: 'end', sort: 'imageCount', descFirst: true, cell: (row) => <CountLink count={row.images} href={linkTo.list('images', `host:${quoteValue(row.name)}`)} /> },
    { id: 'tags', title: 'Tags', width: 96, grow: 0.6, cell: (row) => <Tags names={row.tags} limit={1} /> },
    { id: 'lastSeen', title: 'Last seen', width: 84, sort: 'lastSeen', descFirst: true, cell: (row) => <Time value={row.lastSeen} /> },
  ],
};
