import { Link, SeverityMark, Time } from '../components/index.ts';
import { formatDateTime, sentence } from '../format.ts';
import { linkTo } from '../url.ts';
import type { EntityList } from './EntityListPage.tsx';

interface Subject {
  containerId: string | null;
  imageId: string | null;
  hostId: string | null;
}

/** The page of what an event is about: the nearest thing it names. */
function about(row: Subject): string | null {
  if (row.containerId !== null) return linkTo.container(row.containerId);
  if (row.imageId !== null) return linkTo.image(row.imageId);
  return row.hostId === null ? null : linkTo.host(row.hostId);
}

const none = <span className="muted">–</span>;

export const events: EntityList<'events'> = {
  entity: 'events',
  title: 'Events',
  one: 'event',
  href: about,
  placeholder: 'kind:container-died and time>now-1d',
  nothing: { title: 'Nothing has happened yet', text: 'What containers, images and sensors do appears here as it happens.' },
  columns: [
    { id: 'severity', title: 'Severity', header: <span aria-hidden="true">Sev</span>, width: 52, sort: 'severity', descFirst: true, narrow: 'end', cell: (row) => <SeverityMark severity={row.severity} /> },
    { id: 'time', title: 'Time', width: 88, sort: 'time', descFirst: true, narrow: 'detail', cell: (row) => <span title={formatDateTime(row.time)}><Time value={row.time} /></span> },
    { id: 'kind', title: 'Kind', width: 124, sort: 'kind', cell: (row) => <span className="strong">{sentence(row.kind)}</span> },
    { id: 'message', title: 'What happened', width: 240, grow: 3, narrow: 'title', cell: (row) => <span title={row.message}>{row.message}</span> },
    { id: 'container', title: 'Container', width: 112, grow: 1, cell: (row) => (row.containerId === null ? none : <Link href={linkTo.container(row.containerId)}>{row.container ?? row.containerId.slice(0, 12)}</Link>) },
    { id: 'image', title: 'Image', width: 120, grow: 1, cell: (row) => (row.imageId === null ? none : <Link href={linkTo.image(row.imageId)}>{row.image ?? row.imageId.slice(7, 19)}</Link>) },
    { id: 'host', title: 'Host', width: 112, grow: 1, sort: 'host', narrow: 'detail', cell: (row) => (row.hostId === null ? none : <Link href={linkTo.host(row.hostId)}>{row.host ?? 'unknown'}</Link>) },
  ],
};
