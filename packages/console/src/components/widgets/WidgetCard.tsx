import type { Widget } from '@plimsoll/model/api';
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Copy, Ellipsis, ExternalLink, GripVertical, MoveHorizontal, MoveVertical, Pencil, Trash2 } from 'lucide-react';
import { linkTo } from '../../url.ts';
import { IconButton } from '../Button.tsx';
import { Link } from '../Link.tsx';
import { Menu } from '../Menu.tsx';
import type { MenuItem } from '../Menu.tsx';
import type { Direction } from './layout.ts';
import { WidgetBody } from './WidgetBody.tsx';
import './widgets.css';

export interface WidgetActions {
  edit: (id: string) => void;
  duplicate: (id: string) => void;
  remove: (id: string) => void;
  move: (id: string, direction: Direction) => void;
  resize: (id: string, by: { w?: number; h?: number }) => void;
}

const ICON = { size: 14, 'aria-hidden': true } as const;
const ARROWS = new Map<string, Direction>([['ArrowLeft', 'left'], ['ArrowRight', 'right'], ['ArrowUp', 'up'], ['ArrowDown', 'down']]);
const STEPS: Record<Direction, { w?: number; h?: number }> = { left: { w: -1 }, right: { w: 1 }, up: { h: -1 }, down: { h: 1 } };

/** A widget with its title, which leads to its rows. Without `actions` it can only be looked at. */
export function WidgetCard({ widget, actions, placed }: { widget: Widget; actions?: WidgetActions; placed: boolean }) {
  const list = linkTo.list(widget.entity, widget.query);
  const press = (event: React.KeyboardEvent) => {
    const direction = ARROWS.get(event.key);
    if (!direction || !actions || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.shiftKey) actions.resize(widget.id, STEPS[direction]);
    else actions.move(widget.id, direction);
  };
  return (
    <section className="card widget" aria-label={widget.title}>
      <header className="widget-head">
        {actions && placed && (
          <button type="button" className="widget-grip" aria-label={`Move ${widget.title}`} aria-description="Arrow keys move it, with Shift they resize it." title="Drag; or arrow keys to move, Shift and arrow keys to resize" onKeyDown={press}>
            <GripVertical {...ICON} />
          </button>
        )}
        <h2 className="clip"><Link href={list} title={widget.query === '' ? `All ${widget.entity}` : `${widget.entity}: ${widget.query}`}>{widget.title}</Link></h2>
        <div className="push widget-menu">
          {actions
            ? <Menu trigger={<IconButton icon={<Ellipsis size={16} />} label={`Actions of ${widget.title}`} size="small" />} items={itemsOf(widget, actions, placed, list)} />
            : <Link href={list} className="button button-ghost button-small button-icon" aria-label={`Open the rows of ${widget.title}`}><ExternalLink {...ICON} /></Link>}
        </div>
      </header>
      <WidgetBody widget={widget} />
    </section>
  );
}

function itemsOf({ id }: Widget, actions: WidgetActions, placed: boolean, list: string): MenuItem[] {
  return [
    { label: 'Open its rows', icon: <ExternalLink {...ICON} />, href: list },
    { label: 'Edit…', icon: <Pencil {...ICON} />, onSelect: () => actions.edit(id) },
    { label: 'Duplicate', icon: <Copy {...ICON} />, onSelect: () => actions.duplicate(id) },
    'separator',
    ...(placed
      ? ([
          { label: 'Move left', icon: <ArrowLeft {...ICON} />, onSelect: () => actions.move(id, 'left') },
          { label: 'Move right', icon: <ArrowRight {...ICON} />, onSelect: () => actions.move(id, 'right') },
        ] as const)
      : []),
    { label: 'Move up', icon: <ArrowUp {...ICON} />, onSelect: () => actions.move(id, 'up') },
    { label: 'Move down', icon: <ArrowDown {...ICON} />, onSelect: () => actions.move(id, 'down') },
    ...(placed
      ? ([
          { label: 'Wider', icon: <MoveHorizontal {...ICON} />, onSelect: () => actions.resize(id, { w: 1 }) },
          { label: 'Narrower', icon: <MoveHorizontal {...ICON} />, onSelect: () => actions.resize(id, { w: -1 }) },
        ] as const)
      : []),
    { label: 'Higher', icon: <MoveVertical {...ICON} />, onSelect: () => actions.resize(id, { h: 1 }) },
    { label: 'Lower', icon: <MoveVertical {...ICON} />, onSelect: () => actions.resize(id, { h: -1 }) },
    'separator',
    { label: 'Remove', icon: <Trash2 {...ICON} />, danger: true, onSelect: () => actions.remove(id) },
  ];
}
