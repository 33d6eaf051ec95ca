import type { ReactNode } from 'react';

/** Terms and values in two columns; what is null is left out. */
export function Facts({ items }: { items: readonly (readonly [term: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {items.filter(([, value]) => value !== null && value !== '').map(([term, value]) => (
        <div key={term} className="facts-row">
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
