import type { ReactNode } from 'react';
import type { ScanState, SeverityCounts as Counts } from '@plimsoll/model/api';
import { Link, SEVERITY_HEADS, SeverityCounts } from '../components/index.ts';
import type { Column } from '../components/index.ts';
import { formatCompact, formatNumber, plural } from '../format.ts';

/** The name of a row, and what belongs to it in small below. */
export function Name({ href, children, below }: { href: string | null; children: ReactNode; below?: ReactNode }) {
  return (
    <span className="cell-two">
      {href === null ? <span className="cell-main">{children}</span> : <Link href={href} className="cell-main">{children}</Link>}
      {below !== undefined && <span>{below}</span>}
    </span>
  );
}

export function Maybe({ value }: { value: string | null }) {
  return value === null || value === '' ? <span className="muted">–</span> : <span title={value}>{value}</span>;
}

/** A count that leads to a list; zero leads nowhere. */
export function CountLink({ count, href }: { count: number; href: string }) {
  return count === 0 ? <span className="muted">0</span> : <Link href={href} title={formatNumber(count)}>{formatCompact(count)}</Link>;
}

/** "1 on 1 host": how many containers, and on how many hosts they are. */
export function containersOn(containers: number, hosts: number): string {
  return `${formatNumber(containers)} on ${plural(hosts, 'host')}`;
}

/** The image's registry, and in how many others it has names. */
export function registryText(references: readonly { registry: string }[]): string {
  const [first, ...others] = new Set(references.map((reference) => reference.registry));
  return first === undefined ? 'no name' : others.length === 0 ? first : `${first} +${others.length}`;
}

/** The image's name without the registry, which has a column of its own: there is no room to say it twice. */
export function nameWithin(name: string, references: readonly { registry: string }[]): string {
  const registry = references.map((reference) => `${reference.registry}/`).find((prefix) => name.startsWith(prefix));
  return registry === undefined ? name : name.slice(registry.length);
}

interface Judged {
  vulnerabilities: Counts | null;
  scanState?: ScanState;
  reason?: string | null;
}

/** The column of counts by severity that all assets have. `quiet`: the table has a column for the state as well. */
export function severityColumn<Row extends Judged>(quiet = false): Column<Row> {
  return {
    id: 'vulnerabilities',
    title: 'Vulnerabilities by severity',
    parts: SEVERITY_HEADS,
    width: 182,
    narrow: 'detail',
    cell: (row) => <SeverityCounts counts={row.vulnerabilities} quiet={quiet} {...(row.scanState === undefined ? {} : { state: row.scanState })} {...(row.reason === undefined ? {} : { reason: row.reason })} />,
  };
}
