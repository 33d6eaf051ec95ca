import type { FindingView, LayerView, UpgradeView } from '@plimsoll/model/api';
import { Search, X } from 'lucide-react';
import { useMemo } from 'react';
import { formatNumber, plural } from '../../format.ts';
import { LEVELS, SEVERITY_TITLES } from '../../severity.ts';
import { Button } from '../Button.tsx';
import { Input, Select } from '../Field.tsx';
import { countBySeverity, FINDING_FILTERS, levelsOf, toggleLevel } from './findings.ts';
import type { FindingFilters } from './findings.ts';
import { layerName } from './layers.ts';

interface FindingFilterBarProps {
  findings: readonly FindingView[];
  shown: number;
  filters: FindingFilters;
  onChange: (change: Partial<FindingFilters>, options?: { replace?: boolean }) => void;
  layers: readonly LayerView[];
  /** The upgrade whose findings alone are shown. */
  upgrade: UpgradeView | undefined;
}

/** What narrows a list of findings, with how many there are of each. */
export function FindingFilterBar({ findings, shown, filters, onChange, layers, upgrade }: FindingFilterBarProps) {
  const counts = useMemo(() => countBySeverity(findings), [findings]);
  const fixable = useMemo(() => findings.filter((finding) => finding.fixedVersion !== null).length, [findings]);
  const exploited = useMemo(() => findings.filter((finding) => finding.kev !== null).length, [findings]);
  const withFindings = useMemo(() => new Set(findings.map((finding) => finding.layer)), [findings]);
  const hasBase = layers.some((layer) => layer.fromBase === true);
  const levels = levelsOf(filters.severity);
  const filtered = Object.keys(FINDING_FILTERS).some((key) => filters[key as keyof FindingFilters] !== '');
  return (
    <div className="filter-bar">
      <span className="filter-find">
        <Search size={14} aria-hidden="true" />
        <Input type="search" aria-label="Find in vulnerabilities" placeholder="Id, package or path" value={filters.find} onChange={(event) => onChange({ find: event.target.value }, { replace: true })} />
      </span>
      <span className="chips" role="group" aria-label="Severity">
        {LEVELS.map((level) => (
          <button key={level} type="button" className={`chip sev-${level}`} aria-pressed={levels.has(level)} title={SEVERITY_TITLES[level]} onClick={() => onChange({ severity: toggleLevel(filters.severity, level) })}>
            <span className="severity-mark" aria-hidden="true">{level}</span>
            <span className="visually-hidden">{SEVERITY_TITLES[level]}: </span>
            {formatNumber(counts[level])}
          </button>
        ))}
      </span>
      <span className="chips">
        <button type="button" className="chip" aria-pressed={filters.fix === 'yes'} onClick={() => onChange({ fix: filters.fix === 'yes' ? '' : 'yes' })}>Fix available <span className="muted">{formatNumber(fixable)}</span></button>
        <button type="button" className="chip" aria-pressed={filters.exploited === 'yes'} onClick={() => onChange({ exploited: filters.exploited === 'yes' ? '' : 'yes' })}>Exploited <span className="muted">{formatNumber(exploited)}</span></button>
      </span>
      {hasBase && (
        <Select
          aria-label="Base image or own layers"
          className="filter-select"
          value={filters.from}
          onValue={(from) => onChange({ from })}
          options={[{ value: '', label: 'Base and own' }, { value: 'base', label: 'From the base image' }, { value: 'own', label: 'From own layers' }]}
        />
      )}
      {layers.length > 0 && (
        <Select
          aria-label="Layer"
          className="filter-select"
          value={filters.layer}
          onValue={(layer) => onChange({ layer })}
          options={[{ value: '', label: 'All layers' }, ...layers.filter((layer) => withFindings.has(layer.index) || String(layer.index) === filters.layer).map((layer) => ({ value: String(layer.index), label: layerName(layer) }))]}
        />
      )}
      {upgrade && <button type="button" className="chip" aria-pressed="true" title="Show all again" onClick={() => onChange({ upgrade: '' })}>Removed by {upgrade.name} {upgrade.to}<X size={12} aria-hidden="true" /></button>}
      <span className="filter-count muted small" role="status">{shown === findings.length ? plural(shown, 'finding') : `${formatNumber(shown)} of ${plural(findings.length, 'finding')}`}</span>
      {filtered && <Button size="small" variant="ghost" icon={<X size={13} />} onClick={() => onChange(FINDING_FILTERS)}>Clear</Button>}
    </div>
  );
}
