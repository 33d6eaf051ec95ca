import type { PackageView } from '@plimsoll/model/api';
import { Search, SearchX } from 'lucide-react';
import { useMemo } from 'react';
import { formatNumber, plural } from '../../format.ts';
import { totalOf } from '../../severity.ts';
import { useUrlState } from '../../url.ts';
import { Badge } from '../Badge.tsx';
import { Button } from '../Button.tsx';
import { DataTable } from '../DataTable.tsx';
import type { Column } from '../DataTable.tsx';
import { Input, Select } from '../Field.tsx';
import { useLocalRows } from '../rows.ts';
import { SeverityCounts, SeverityLegend } from '../Severity.tsx';
import { EmptyState } from '../States.tsx';
import { weightOf } from './weight.ts';
import { TableBox } from './TableBox.tsx';

const STATE = { package: '', type: '', affected: '', by: '-vulnerabilities' };
const FILTERS = { package: '', type: '', affected: '' };

const COLUMNS: readonly Column<PackageView>[] = [
  {
    id: 'name', title: 'Package', width: 200, grow: 2, narrow: 'title', value: (row) => row.name,
    cell: (row) => <span className="cell-two"><span className="cell-main" title={row.purl}>{row.name}</span>{row.source !== null && row.source !== row.name && <span>from {row.source}</span>}</span>,
  },
  { id: 'version', title: 'Version', width: 150, grow: 1, narrow: 'detail', value: (row) => row.version, cell: (row) => <span className="mono" title={row.version}>{row.version}</span> },
  { id: 'type', title: 'Type', width: 90, narrow: 'end', value: (row) => row.type, cell: (row) => <Badge>{row.type}</Badge> },
  { id: 'vulnerabilities', title: 'Vulnerabilities by severity', header: <SeverityLegend />, width: 186, descFirst: true, value: (row) => weightOf(row.vulnerabilities), cell: (row) => (totalOf(row.vulnerabilities) === 0 ? <span className="muted">none found</span> : <SeverityCounts counts={row.vulnerabilities} />) },
  { id: 'licenses', title: 'Licence', width: 120, grow: 0.8, value: (row) => row.licenses.join(', '), cell: (row) => (row.licenses.length === 0 ? <span className="muted">–</span> : <span title={row.licenses.join(', ')}>{row.licenses.join(', ')}</span>) },
  { id: 'path', title: 'Where', width: 150, grow: 1.2, value: (row) => row.paths[0] ?? null, cell: (row) => (row.paths[0] === undefined ? <span className="muted">–</span> : <code title={row.paths.join('\n')}>{row.paths[0]}{row.paths.length > 1 && ` +${row.paths.length - 1}`}</code>) },
];
const LAYER: Column<PackageView> = { id: 'layer', title: 'Layer', width: 60, align: 'end', value: (row) => row.layer, cell: (row) => row.layer + 1 };
const WITH_LAYERS = [...COLUMNS, LAYER];

/** The packages of one image or host. */
export function Packages({ packages, layered }: { packages: readonly PackageView[]; layered: boolean }) {
  const [state, set] = useUrlState(STATE);
  const columns = layered ? WITH_LAYERS : COLUMNS;
  const types = useMemo(() => [...new Set(packages.map((row) => row.type))].sort(), [packages]);
  const shown = useMemo(() => {
    const words = state.package.toLowerCase().split(/\s+/).filter((word) => word !== '');
    return packages.filter((row) => {
      if (state.type !== '' && row.type !== state.type) return false;
      if (state.affected === 'yes' && totalOf(row.vulnerabilities) === 0) return false;
      if (words.length === 0) return true;
      const text = [row.name, row.version, row.source ?? '', ...row.licenses, ...row.paths].join('\n').toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [packages, state.package, state.type, state.affected]);
  const rows = useLocalRows(shown, columns, state.by, { id: JSON.stringify(state) });
  if (packages.length === 0) {
    return <div className="card"><EmptyState title="No package was found in it">Nothing that a package manager or a build left a record of. Vulnerabilities can only be found in packages.</EmptyState></div>;
  }
  return (
    <div className="stack">
      <div className="filter-bar">
        <span className="filter-find">
          <Search size={14} aria-hidden="true" />
          <Input type="search" aria-label="Find in packages" placeholder="Name, licence or path" value={state.package} onChange={(event) => set({ package: event.target.value }, { replace: true })} />
        </span>
        <Select aria-label="Type" className="filter-select" value={state.type} onValue={(type) => set({ type })} options={[{ value: '', label: 'All types' }, ...types.map((type) => ({ value: type, label: type }))]} />
        <span className="chips"><button type="button" className="chip" aria-pressed={state.affected === 'yes'} onClick={() => set({ affected: state.affected === 'yes' ? '' : 'yes' })}>With vulnerabilities</button></span>
        <span className="filter-count muted small" role="status">{shown.length === packages.length ? plural(shown.length, 'package') : `${formatNumber(shown.length)} of ${plural(packages.length, 'package')}`}</span>
      </div>
      <TableBox>
        {(maxHeight) => (
          <DataTable
            label="Packages"
            columns={columns}
            rows={rows}
            rowKey={(row) => `${row.purl} ${row.layer} ${row.paths[0] ?? ''}`}
            sort={state.by}
            onSort={(by) => set({ by })}
            maxHeight={maxHeight}
            empty={<EmptyState title="No package passes these filters" icon={<SearchX size={28} aria-hidden="true" />} actions={<Button onClick={() => set(FILTERS)}>Clear the filters</Button>} />}
          />
        )}
      </TableBox>
    </div>
  );
}
