import type { EntityName, Facet } from '@plimsoll/model/api';
import { withoutTerm, withTerm } from '@plimsoll/query/syntax';
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../api/queries.ts';
import { formatNumber } from '../format.ts';
import { SkeletonLines } from './States.tsx';
import './FacetPanel.css';

interface FacetPanelProps {
  entity: EntityName;
  query: string;
  /** With the query that has or lacks the clicked value's term. */
  onQuery: (query: string) => void;
}

const MORE = 100;

/** Values with counts beside a table; a click edits the query's text. */
export function FacetPanel({ entity, query, onQuery }: FacetPanelProps) {
  const facets = useApi('facets', { params: { entity }, query: { query } }, { keep: true });
  if (facets.isPending) return <div className="facets"><SkeletonLines lines={10} /></div>;
  const shown = (facets.data?.facets ?? []).filter((facet) => facet.values.length > 0);
  return (
    <section className={facets.isPlaceholderData ? 'facets facets-stale' : 'facets'} aria-label="Filters" aria-busy={facets.isFetching}>
      {shown.map((facet) => <FacetGroup key={facet.name} facet={facet} entity={entity} query={query} onQuery={onQuery} />)}
      {shown.length === 0 && !facets.isError && <p className="muted small">No values to filter by.</p>}
      {facets.isError && !facets.data && <p className="muted small" role="alert">Filters could not be loaded: {facets.error.message}</p>}
    </section>
  );
}

function FacetGroup({ facet, entity, query, onQuery }: FacetPanelProps & { facet: Facet }) {
  const [closed, setClosed] = useState(false);
  const [all, setAll] = useState(false);
  const more = useApi('facets', { params: { entity }, query: { query, facets: facet.name, limit: MORE } }, { enabled: all, keep: true });
  const shown = (all && more.data?.facets[0]) || facet;
  return (
    <div className="facet">
      <h3>
        <button type="button" className="facet-head" aria-expanded={!closed} onClick={() => setClosed(!closed)}>
          {facet.title}
          <ChevronDown size={14} className={closed ? 'facet-closed' : undefined} aria-hidden="true" />
        </button>
      </h3>
      {!closed && (
        <ul className={all ? 'facet-values facet-all' : 'facet-values'}>
          {shown.values.map((value) => (
            <li key={value.query}>
              <label className="facet-value" title={value.query}>
                <input type="checkbox" checked={value.selected} onChange={() => onQuery(value.selected ? withoutTerm(query, value.query) : withTerm(query, value.query))} />
                <span className="clip grow">{value.label === '' ? '(none)' : value.label}</span>
                <span className="facet-count">{formatNumber(value.count)}</span>
              </label>
            </li>
          ))}
        </ul>
      )}
      {!closed && facet.more && <button type="button" className="facet-more" onClick={() => setAll(!all)}>{all ? 'Show fewer' : 'Show more'}</button>}
    </div>
  );
}
