import type { CoverageView, FindingView, LayerView, UpgradeView } from '@plimsoll/model/api';
import { CircleDashed, SearchX, ShieldCheck } from 'lucide-react';
import { useMemo } from 'react';
import { useSearch } from 'wouter';
import { formatNumber, formatShare } from '../../format.ts';
import { useUrlState, writeState } from '../../url.ts';
import { Badge } from '../Badge.tsx';
import { Button } from '../Button.tsx';
import { DataTable } from '../DataTable.tsx';
import type { Column } from '../DataTable.tsx';
import { useLocalRows } from '../rows.ts';
import { SeverityBadge } from '../Severity.tsx';
import { EmptyState } from '../States.tsx';
import { Time } from '../Time.tsx';
import { CoverageOf } from './Coverage.tsx';
import { isJudged } from './judged.ts';
import { FindingFilterBar } from './FindingFilterBar.tsx';
import { FindingPanel } from './FindingPanel.tsx';
import { byUrgency, filterFindings, FINDING_FILTERS, findingKey, upgradeKey, withoutFix } from './findings.ts';
import { layerName } from './layers.ts';
import { TableBox } from './TableBox.tsx';

const STATE = { ...FINDING_FILTERS, sort: '-severity', finding: '' };

const LAYER: Column<FindingView> = {
  id: 'layer', title: 'Layer', width: 76, value: (row) => row.layer,
  cell: (row) => <span className="line">{row.layer + 1}{row.fromBase === true && <Badge title="It came with the base image">base</Badge>}</span>,
};
const COLUMNS: readonly Column<FindingView>[] = [
  { id: 'severity', title: 'Severity', width: 92, narrow: 'end', descFirst: true, value: (row) => row.severity, cell: (row) => <SeverityBadge severity={row.severity} title={row.severityReason} /> },
  {
    id: 'id', title: 'Vulnerability', width: 176, grow: 0.2, narrow: 'title', value: (row) => row.id,
    cell: (row) => <span className="line"><span className="cell-main clip" title={row.id}>{row.id}</span>{row.kev !== null && <Badge tone="danger" title={`In the catalogue of known exploited vulnerabilities since ${row.kev}`}>KEV</Badge>}</span>,
  },
  {
    id: 'package', title: 'Package', width: 150, grow: 1, narrow: 'detail', value: (row) => row.package,
    cell: (row) => <span className="cell-two"><span title={row.package}>{row.package}</span><span title={row.paths.join('\n')}>{row.type}{row.paths[0] !== undefined && ` · ${row.paths[0]}`}</span></span>,
  },
  { id: 'version', title: 'Installed', width: 146, grow: 0.5, value: (row) => row.version, cell: (row) => <span className="mono" title={row.version}>{row.version}</span> },
  {
    id: 'fixed', title: 'Fixed in', width: 146, grow: 0.5, narrow: 'detail', value: (row) => row.fixedVersion,
    cell: (row) => (row.fixedVersion === null ? <span className="muted">{withoutFix(row.status)}</span> : <span className="mono fix-version" title={row.fixedVersion}>{row.fixedVersion}</span>),
  },
  { id: 'epss', title: 'EPSS', width: 54, align: 'end', descFirst: true, value: (row) => row.epss, cell: (row) => (row.epss === null ? <span className="muted">–</span> : formatShare(row.epss)) },
  { id: 'cvss', title: 'CVSS', width: 50, align: 'end', descFirst: true, value: (row) => row.cvss, cell: (row) => (row.cvss === null ? <span className="muted">–</span> : row.cvss.toFixed(1)) },
  { id: 'firstSeen', title: 'First seen', width: 86, descFirst: true, value: (row) => row.firstSeen, cell: (row) => <Time value={row.firstSeen} /> },
];
const WITH_LAYERS = [...COLUMNS.slice(0, -1), LAYER, ...COLUMNS.slice(-1)];
const NO_LAYERS: readonly LayerView[] = [];

interface FindingsProps {
  findings: readonly FindingView[];
  coverage: CoverageView;
  upgrades: readonly UpgradeView[];
  layers?: readonly LayerView[];
}

/** The findings of one image or host: filtered and sorted here, each with all that is known of it at the side. */
export function Findings({ findings, coverage, upgrades, layers = NO_LAYERS }: FindingsProps) {
  const [state, set] = useUrlState(STATE);
  const search = useSearch();
  const columns = layers.length > 0 ? WITH_LAYERS : COLUMNS;
  const urgentFirst = useMemo(() => findings.toSorted(byUrgency), [findings]);
  const upgrade = state.upgrade === '' ? undefined : upgrades.find((each) => upgradeKey(each) === state.upgrade);
  const filtered = useMemo(() => filterFindings(urgentFirst, state, upgrade), [urgentFirst, state, upgrade]);
  const { finding: _, ...forId } = state;
  const rows = useLocalRows(filtered, columns, state.sort, { id: JSON.stringify(forId) });
  const place = useMemo(() => {
    for (let index = 0; state.finding !== '' && index < rows.count; index++) {
      const row = rows.at(index);
      if (row && findingKey(row) === state.finding) return index;
    }
    return -1;
  }, [state.finding, filtered, state.sort]);
  // A link to a finding that the filters leave out still shows it.
  const open = state.finding === '' ? undefined : (rows.at(place) ?? findings.find((row) => findingKey(row) === state.finding));
  const go = (index: number) => {
    const row = rows.at(index);
    return row === undefined ? null : () => set({ finding: findingKey(row) }, { replace: true });
  };
  const layerOf = (index: number) => layers.find((layer) => layer.index === index);
  const openLayer = open && layerOf(open.layer);

  if (findings.length === 0) {
    return (
      <div className="card">
        {isJudged(coverage) ? (
          <EmptyState title="No vulnerability found" icon={<ShieldCheck size={28} aria-hidden="true" />}><CoverageOf coverage={coverage} /></EmptyState>
        ) : (
          <EmptyState title="Nothing could be judged" icon={<CircleDashed size={28} aria-hidden="true" />}>
            <p>Whether there are vulnerabilities is not known: no advisory data has judged its packages.</p>
            <CoverageOf coverage={coverage} />
          </EmptyState>
        )}
      </div>
    );
  }
  return (
    <div className="stack">
      <FindingFilterBar findings={findings} shown={filtered.length} filters={state} upgrade={upgrade} onChange={set} layers={layers} />
      <TableBox>
        {(maxHeight) => (
          <DataTable
            label="Vulnerabilities"
            columns={columns}
            rows={rows}
            rowKey={findingKey}
            href={(row) => `${window.location.pathname}?${writeState(search, STATE, { finding: findingKey(row) })}`}
            sort={state.sort}
            onSort={(sort) => set({ sort })}
            maxHeight={maxHeight}
            empty={
              <EmptyState title="No finding passes these filters" icon={<SearchX size={28} aria-hidden="true" />} actions={<Button onClick={() => set(FINDING_FILTERS)}>Clear the filters</Button>}>
                There are {formatNumber(findings.length)} without them.
              </EmptyState>
            }
          />
        )}
      </TableBox>
      {open && (
        <FindingPanel
          finding={open}
          place={place < 0 ? 'outside of the filters' : `${formatNumber(place + 1)} of ${formatNumber(rows.count)}`}
          previous={place > 0 ? go(place - 1) : null}
          next={place >= 0 ? go(place + 1) : null}
          onClose={() => set({ finding: '' })}
          layer={openLayer === undefined ? null : { text: layerName(openLayer), onShow: () => set({ ...FINDING_FILTERS, layer: String(openLayer.index), finding: '' }) }}
        />
      )}
    </div>
  );
}
