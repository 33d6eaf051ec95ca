import type { ReactNode } from 'react';
import { useEffect, useId } from 'react';
import { useUrlState } from '../url.ts';
import './Tabs.css';

export interface Tab {
  id: string;
  title: string;
  /** Beside the title: how many. */
  count?: number | null;
  render: () => ReactNode;
}

const DEFAULTS = { tab: '' };

/** Parts of a page of which one is shown; the URL says which (`?tab=`). Arrow keys move between them. */
export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const [state, set] = useUrlState(DEFAULTS);
  const base = useId();
  const active = tabs.find((tab) => tab.id === state.tab) ?? tabs[0];
  const shown = active && `${base}-${active.id}`;
  // Narrow windows have not room for all of them.
  useEffect(() => {
    if (shown !== undefined) document.getElementById(shown)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [shown]);
  if (!active) return null;
  const choose = (tab: Tab) => set({ tab: tab === tabs[0] ? '' : tab.id });
  const move = (by: number) => {
    const next = tabs[(tabs.indexOf(active) + by + tabs.length) % tabs.length];
    if (!next) return;
    choose(next);
    document.getElementById(`${base}-${next.id}`)?.focus();
  };
  return (
    <div className="tabs">
      <div className="tab-list" role="tablist" aria-label={label}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            id={`${base}-${tab.id}`}
            type="button"
            role="tab"
            className="tab"
            aria-selected={tab === active}
            aria-controls={`${base}-panel`}
            tabIndex={tab === active ? 0 : -1}
            onClick={() => choose(tab)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowRight') move(1);
              else if (event.key === 'ArrowLeft') move(-1);
            }}
          >
            {tab.title}
            {tab.count != null && <span className="tab-count">{tab.count.toLocaleString('en-US')}</span>}
          </button>
        ))}
      </div>
      <div id={`${base}-panel`} className="tab-panel" role="tabpanel" aria-labelledby={`${base}-${active.id}`} tabIndex={-1}>
        {active.render()}
      </div>
    </div>
  );
}
