import { Bytes, LinkButton, StateBadge, Tags, Time } from '../components/index.ts';
import { plural, shortId } from '../format.ts';
import { linkTo } from '../url.ts';
import { containersOn, Name, nameWithin, registryText, severityColumn } from './cells.tsx';
import type { EntityList } from './EntityListPage.tsx';

export const images: EntityList<'images'> = {
  entity: 'images',
  title: 'Images',
  one: 'image',
  href: (row) => linkTo.image(row.id),
  placeholder: 'vulnerabilities.severity:5 and repo.registry:"docker.io"',
  nothing: {
    title: 'No image has been reported yet',
    text: 'Sensors report the images of their hosts; a pipeline can send in the SBOM of an image that runs nowhere yet.',
    actions: <LinkButton variant="primary" href={linkTo.sensors()}>Add a sensor</LinkButton>,
  },
  columns: [
    { id: 'name', title: 'Repository', width: 180, grow: 3, sort: 'name', narrow: 'title', cell: (row) => <Name href={linkTo.image(row.id)} below={<span className="mono">{shortId(row.id)}</span>}>{nameWithin(row.name, row.references)}</Name> },
    { id: 'registry', title: 'Registry', width: 100, grow: 1, sort: 'repo.registry', cell: (row) => <span title={row.references.map((reference) => `${reference.registry}/${reference.repository}${reference.tag === null ? '' : `:${reference.tag}`}`).join('\n')}>{registryText(row.references)}</span> },
    { id: 'created', title: 'Created', width: 74, sort: 'created', descFirst: true, cell: (row) => <Time value={row.created} /> },
    { id: 'size', title: 'Size', width: 64, align: 'end', sort: 'size', descFirst: true, cell: (row) => <Bytes value={row.size} /> },
    {
      id: 'containers', title: 'Containers', width: 100, sort: 'containerCount', descFirst: true,
      cell: (row) => (row.containers === 0
        ? <span className="muted">{row.hosts === 0 ? 'none' : `none; on ${plural(row.hosts, 'host')}`}</span>
        : <span title={`${row.running} running`}>{containersOn(row.containers, row.containerHosts)}</span>),
    },
    severityColumn(true),
    { id: 'state', title: 'State', width: 106, sort: 'scanState', narrow: 'end', cell: (row) => <StateBadge state={row.scanState} title={row.reason} /> },
    { id: 'tags', title: 'Tags', width: 84, grow: 0.7, cell: (row) => <Tags names={row.tags} limit={1} /> },
    { id: 'lastSeen', title: 'Last seen', width: 78, sort: 'lastSeen', descFirst: true, cell: (row) => <Time value={row.lastSeen} /> },
  ],
};
