import { Badge, LinkButton, Link, StateBadge, Tags, Time } from '../components/index.ts';
import { linkTo } from '../url.ts';
import { Maybe, Name, severityColumn } from './cells.tsx';
import { shortId } from '../format.ts';
import type { EntityList } from './EntityListPage.tsx';

export const containers: EntityList<'containers'> = {
  entity: 'containers',
  title: 'Containers',
  one: 'container',
  href: (row) => linkTo.container(row.id),
  placeholder: 'state:running and vulnerabilities.severity:[4, 5]',
  nothing: {
    title: 'No container has been reported yet',
    text: 'Sensors report the containers of their hosts as they start and stop.',
    actions: <LinkButton variant="primary" href={linkTo.sensors()}>Add a sensor</LinkButton>,
  },
  columns: [
    { id: 'name', title: 'Container', width: 150, grow: 2, sort: 'name', narrow: 'title', cell: (row) => <Name href={linkTo.container(row.id)} below={row.pod === null ? <span className="mono">{shortId(row.id)}</span> : `${row.namespace ?? 'default'} / ${row.pod}`}>{row.name}</Name> },
    { id: 'state', title: 'State', width: 104, sort: 'state', narrow: 'end', cell: (row) => <StateBadge state={row.state} title={row.status} /> },
    severityColumn(),
    { id: 'image', title: 'Image', width: 140, grow: 2, sort: 'image', cell: (row) => (row.imageId === null ? <span title={row.image}>{row.image}</span> : <Link href={linkTo.image(row.imageId)} title={row.image}>{row.image}</Link>) },
    { id: 'host', title: 'Host', width: 104, grow: 1, sort: 'host', cell: (row) => <Link href={linkTo.host(row.hostId)}>{row.host}</Link> },
    { id: 'ports', title: 'Ports', width: 96, grow: 0.5, cell: (row) => <Maybe value={row.ports.join(', ')} /> },
    {
      id: 'user', title: 'Runs as', width: 92,
      cell: (row) => (row.privileged ? <Badge tone="danger" title="Privileged: it may do what root on the host may">Privileged</Badge> : <span title={row.user ?? 'root, as the image sets no user'}>{row.user === null || row.user === '' ? 'root' : row.user}</span>),
    },
    { id: 'restarts', title: 'Restarts', width: 66, align: 'end', sort: 'restarts', descFirst: true, cell: (row) => <span className={row.restarts === 0 ? 'muted' : undefined}>{row.restarts}</span> },
    { id: 'tags', title: 'Tags', width: 84, grow: 0.5, cell: (row) => <Tags names={row.tags} limit={1} /> },
    { id: 'started', title: 'Started', width: 80, sort: 'started', descFirst: true, cell: (row) => <Time value={row.started} missing="never" /> },
  ],
};
