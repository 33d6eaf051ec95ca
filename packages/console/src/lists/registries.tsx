import { quoteValue } from '@plimsoll/query/syntax';
import { Time } from '../components/index.ts';
import { formatNumber } from '../format.ts';
import { linkTo } from '../url.ts';
import { CountLink, Name, severityColumn } from './cells.tsx';
import type { EntityList } from './EntityListPage.tsx';

function imagesOf(registry: string, also = ''): string {
  return linkTo.list('images', `repo.registry:${quoteValue(registry)}${also}`);
}

export const registries: EntityList<'registries'> = {
  entity: 'registries',
  title: 'Registries',
  one: 'registry',
  many: 'registries',
  href: (row) => imagesOf(row.id),
  placeholder: 'name:docker.io',
  nothing: { title: 'No registry is known yet', text: 'Registries appear by the names of the images that sensors report.' },
  columns: [
    { id: 'name', title: 'Registry', width: 170, grow: 2, sort: 'name', narrow: 'title', cell: (row) => <Name href={imagesOf(row.id)}>{row.name}</Name> },
    { id: 'repositories', title: 'Repositories', width: 104, align: 'end', sort: 'repositories', descFirst: true, cell: (row) => formatNumber(row.repositories) },
    { id: 'images', title: 'Images', width: 68, align: 'end', sort: 'imageCount', descFirst: true, narrow: 'end', cell: (row) => <CountLink count={row.images} href={imagesOf(row.id)} /> },
    { id: 'scanned', title: 'Scanned', width: 82, align: 'end', sort: 'scanned', descFirst: true, cell: (row) => (row.scanned === row.images ? 'all' : `${formatNumber(row.scanned)} of ${formatNumber(row.images)}`) },
    { id: 'running', title: 'In use', width: 66, align: 'end', sort: 'running', descFirst: true, cell: (row) => <span title="Images that containers run from">{formatNumber(row.running)}</span> },
    severityColumn(),
    { id: 'firstSeen', title: 'First seen', width: 90, sort: 'firstSeen', descFirst: true, cell: (row) => <Time value={row.firstSeen} /> },
    { id: 'lastSeen', title: 'Last seen', width: 90, sort: 'lastSeen', descFirst: true, cell: (row) => <Time value={row.lastSeen} /> },
  ],
};
