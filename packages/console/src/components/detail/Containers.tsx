import type { ContainerRow } from '@plimsoll/model/api';
import { Box } from 'lucide-react';
import { useMemo } from 'react';
import { plural } from '../../format.ts';
import { containers as list } from '../../lists/containers.tsx';
import { linkTo, useUrlState } from '../../url.ts';
import { DataTable } from '../DataTable.tsx';
import type { Column } from '../DataTable.tsx';
import { Link } from '../Link.tsx';
import { useLocalRows } from '../rows.ts';
import { SeverityLegend } from '../Severity.tsx';
import { EmptyState } from '../States.tsx';
import { TableBox } from './TableBox.tsx';
import { weightOf } from './weight.ts';

const VALUES = new Map<string, (row: ContainerRow) => string | number | null>([
  ['name', (row) => row.name],
  ['state', (row) => row.state],
  ['vulnerabilities', (row) => weightOf(row.vulnerabilities)],
  ['image', (row) => row.image],
  ['host', (row) => row.host],
  ['restarts', (row) => row.restarts],
  ['started', (row) => row.started],
]);

/** A column of the list, sorted here rather than by the server. */
function local({ sort: _, parts, ...column }: Column<ContainerRow>): Column<ContainerRow> {
  const value = VALUES.get(column.id);
  return { ...column, ...(value ? { value } : {}), ...(parts ? { header: <SeverityLegend />, descFirst: true } : {}) };
}
const COLUMNS = list.columns.map(local);
const STATE = { order: '' };

interface ContainersProps {
  containers: readonly ContainerRow[];
  /** How many there are; more than `containers` has when the answer was cut. */
  total: number;
  /** The list that has them all. */
  all: string;
  without: 'image' | 'host';
  empty: string;
}

/** Containers of one image or host. */
export function Containers({ containers, total, all, without, empty }: ContainersProps) {
  const [{ order }, set] = useUrlState(STATE);
  const columns = useMemo(() => COLUMNS.filter((column) => column.id !== without), [without]);
  const rows = useLocalRows(containers, columns, order);
  return (
    <div className="stack">
      <TableBox note={total > containers.length}>
        {(maxHeight) => (
          <DataTable label="Containers" columns={columns} rows={rows} rowKey={(row) => row.id} href={(row) => linkTo.container(row.id)} sort={order} onSort={(next) => set({ order: next })} maxHeight={maxHeight} empty={<EmptyState title="No containers" icon={<Box size={28} aria-hidden="true" />}>{empty}</EmptyState>} />
        )}
      </TableBox>
      {total > containers.length && <p className="small soft">{plural(containers.length, 'container')} of {total} are shown. <Link href={all} className="link-in-text">Open the list of all</Link></p>}
    </div>
  );
}
