import { Badge, SeverityBadge, Time } from '../components/index.ts';
import { formatDate, formatShare } from '../format.ts';
import { linkTo } from '../url.ts';
import { CountLink, Name } from './cells.tsx';
import { quoteValue } from '@plimsoll/query/syntax';
import type { EntityList } from './EntityListPage.tsx';

function withIt(id: string): string {
  return `vulnerabilities.id:${quoteValue(id)}`;
}

export const vulnerabilities: EntityList<'vulnerabilities'> = {
  entity: 'vulnerabilities',
  title: 'Vulnerabilities',
  one: 'vulnerability',
  many: 'vulnerabilities',
  href: (row) => linkTo.vulnerability(row.id),
  placeholder: 'severity:5 and kev:true and fixable:true',
  nothing: { title: 'No vulnerability is known here', text: 'They appear when images and hosts are scanned and an advisory database is there to judge them by.' },
  columns: [
    { id: 'id', title: 'Vulnerability', width: 150, grow: 1, sort: 'id', narrow: 'title', cell: (row) => <Name href={linkTo.vulnerability(row.id)} below={row.aliases[0] ?? undefined}>{row.id}</Name> },
    { id: 'severity', title: 'Severity', width: 92, sort: 'severity', descFirst: true, narrow: 'end', cell: (row) => <SeverityBadge severity={row.severity} /> },
    { id: 'packages', title: 'Packages', width: 120, grow: 2, narrow: 'detail', cell: (row) => <span title={row.packages.join(', ')}>{row.packages.join(', ')}</span> },
    {
      id: 'exploited', title: 'Exploited', width: 118,
      cell: (row) => (row.kev === null ? <span className="muted">–</span> : (
        <span className="line">
          <Badge tone="danger" title={`In the catalogue of known exploited vulnerabilities since ${formatDate(row.kev)}`}>KEV</Badge>
          {row.ransomware && <Badge tone="violet" title="Used by ransomware">Ransomware</Badge>}
        </span>
      )),
    },
    { id: 'epss', title: 'EPSS', width: 52, align: 'end', sort: 'epss', descFirst: true, cell: (row) => (row.epss === null ? <span className="muted">–</span> : <span title={row.epssPercentile === null ? '' : `Higher than ${formatShare(row.epssPercentile)} of all`}>{formatShare(row.epss)}</span>) },
    { id: 'cvss', title: 'CVSS', width: 52, align: 'end', sort: 'cvss', descFirst: true, cell: (row) => (row.cvss === null ? <span className="muted">–</span> : row.cvss.toFixed(1)) },
    { id: 'fixable', title: 'Fix', width: 80, sort: 'fixable', descFirst: true, cell: (row) => (row.fixable ? <Badge tone="good">Available</Badge> : <span className="muted">none yet</span>) },
    { id: 'images', title: 'Images', width: 62, align: 'end', sort: 'imageCount', descFirst: true, cell: (row) => <CountLink count={row.images} href={linkTo.list('images', withIt(row.id))} /> },
    { id: 'containers', title: 'Running', width: 68, align: 'end', sort: 'running', descFirst: true, cell: (row) => <CountLink count={row.containers} href={linkTo.list('containers', `${withIt(row.id)} and state:running`)} /> },
    { id: 'hosts', title: 'Hosts', width: 56, align: 'end', sort: 'hostCount', descFirst: true, cell: (row) => <CountLink count={row.hosts} href={linkTo.list('hosts', withIt(row.id))} /> },
    { id: 'published', title: 'Published', width: 84, sort: 'published', descFirst: true, cell: (row) => <Time value={row.published} /> },
    { id: 'firstSeen', title: 'First seen', width: 84, sort: 'firstSeen', descFirst: true, cell: (row) => <Time value={row.firstSeen} /> },
  ],
};
