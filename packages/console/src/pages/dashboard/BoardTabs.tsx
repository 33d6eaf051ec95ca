import type { Dashboard } from '@plimsoll/model/api';
import { Plus, Share2, Users } from 'lucide-react';
import { IconButton } from '../../components/index.ts';
import '../../components/Tabs.css';

interface TabsProps {
  boards: readonly Dashboard[];
  /** Id of the one on screen; empty for the overview. */
  active: string;
  /** Id of the element they switch. */
  panel: string;
  onChoose: (id: string) => void;
  onNew?: () => void;
}

const ICON = { size: 12, 'aria-hidden': true } as const;

/** The overview, one's own dashboards, then those of others. Arrow keys move between them. */
export function BoardTabs({ boards, active, panel, onChoose, onNew }: TabsProps) {
  const tabs = [{ id: '', name: 'Overview', mine: true, shared: false, owner: '' }, ...boards.filter((board) => board.mine), ...boards.filter((board) => !board.mine)];
  const move = (from: string, by: number) => {
    const next = tabs[(tabs.findIndex((tab) => tab.id === from) + by + tabs.length) % tabs.length];
    if (!next) return;
    onChoose(next.id);
    document.getElementById(`board-tab-${next.id}`)?.focus();
  };
  const current = tabs.some((tab) => tab.id === active) ? active : '';
  return (
    <div className="board-tabs">
      <div className="tab-list" role="tablist" aria-label="Dashboards">
        {tabs.map((tab) => (
          <button
            key={tab.id}
            id={`board-tab-${tab.id}`}
            type="button"
            role="tab"
            className="tab"
            aria-selected={tab.id === active}
            aria-controls={panel}
            tabIndex={tab.id === current ? 0 : -1}
            title={tab.mine ? (tab.shared ? 'Shared with everyone' : undefined) : `Shared by ${tab.owner}`}
            onClick={() => onChoose(tab.id)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowRight') move(tab.id, 1);
              else if (event.key === 'ArrowLeft') move(tab.id, -1);
            }}
          >
            {tab.name}
            {tab.mine ? tab.shared && <Share2 {...ICON} className="board-mark" /> : <Users {...ICON} className="board-mark" />}
          </button>
        ))}
      </div>
      {onNew && <IconButton icon={<Plus size={15} />} label="New dashboard" size="small" onClick={onNew} />}
    </div>
  );
}
