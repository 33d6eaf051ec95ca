import { quoteValue } from '@plimsoll/query/syntax';
import { Badge } from '../components/index.ts';
import { linkTo } from '../url.ts';
import { CountLink, Maybe, Name, severityColumn } from './cells.tsx';
import type { EntityList } from './EntityListPage.tsx';

/** What holds this very version of a package. */
function holding(row: { name: string; version: string }): string {
  return `software:(name:${quoteValue(row.name)} and version:${quoteValue(row.version)})`;
}

export const packages: EntityList<'packages'> = {
  entity: 'packages',
  title: 'Packages',
  one: 'package',
  href: (row) => linkTo.list('images', holding(row)),
  placeholder: 'name:openssl and version<3.0.15',
  nothing: { title: 'No package is known yet', text: 'Packages appear when images and hosts are scanned.' },
  columns: [
    { id: 'name', title: 'Package', width: 180, grow: 2, sort: 'name', narrow: 'title', cell: (row) => <Name href={linkTo.list('images', holding(row))} below={row.source === null || row.source === row.name ? undefined : `from ${row.source}`}>{row.name}</Name> },
    { id: 'version', title: 'Version', width: 120, grow: 1, sort: 'version', narrow: 'detail', cell: (row) => <span className="mono" title={row.version}>{row.version}</span> },
    { id: 'type', title: 'Type', width: 78, sort: 'type', narrow: 'end', cell: (row) => <Badge>{row.type}</Badge> },
    { id: 'purl', title: 'Package URL', width: 140, grow: 2, cell: (row) => <Maybe value={row.purl} /> },
    { id: 'images', title: 'Images', width: 64, align: 'end', sort: 'imageCount', descFirst: true, cell: (row) => <CountLink count={row.images} href={linkTo.list('images', holding(row))} /> },
    { id: 'hosts', title: 'Hosts', width: 58, align: 'end', sort: 'hostCount', descFirst: true, cell: (row) => <CountLink count={row.hosts} href={linkTo.list('hosts', holding(row))} /> },
    severityColumn(),
  ],
};
