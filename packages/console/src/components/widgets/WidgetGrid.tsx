import type { Widget } from '@plimsoll/model/api';
import { GridLayout } from 'react-grid-layout';
import type { Layout } from 'react-grid-layout';
import 'react-grid-layout/css/styles.css';
import { COLUMNS, GAP, LEAST, MOST_ROWS, ROW_HEIGHT, settle, withPlaces } from './layout.ts';
import { useSize } from './useSize.ts';
import { WidgetCard } from './WidgetCard.tsx';
import type { WidgetActions } from './WidgetCard.tsx';
import './widgets.css';

interface GridProps {
  widgets: readonly Widget[];
  /** Absent on dashboards of others: nothing moves there. */
  actions?: WidgetActions;
  /** With the widgets at their new places, once a drag is over. */
  onPlaced: (widgets: readonly Widget[]) => void;
}

/** Widgets on a grid of twelve columns. Loaded when a dashboard is shown where there is room for a grid. */
export default function WidgetGrid({ widgets, actions, onPlaced }: GridProps) {
  const [ref, size] = useSize<HTMLDivElement>();
  const settled = settle(widgets);
  const layout = settled.map(({ id, x, y, w, h, kind }) => ({ i: id, x, y, w, h, minW: LEAST[kind].w, minH: LEAST[kind].h, maxH: MOST_ROWS }));
  const done = (next: Layout) => {
    const moved = withPlaces(widgets, next.map(({ i, x, y, w, h }) => ({ id: i, x, y, w, h })));
    if (moved !== widgets) onPlaced(moved);
  };
  return (
    <div ref={ref} className="widget-grid">
      {/* The library adds a style element by this id where there is none, which the content security policy forbids. */}
      <span id="react-draggable-style-el" hidden />
      {size !== null && (
        <GridLayout
          width={size.width}
          layout={layout}
          gridConfig={{ cols: COLUMNS, rowHeight: ROW_HEIGHT, margin: [GAP, GAP], containerPadding: [0, 0] }}
          dragConfig={{ enabled: actions !== undefined, handle: '.widget-head', cancel: '.widget-head a, .widget-menu' }}
          resizeConfig={{ enabled: actions !== undefined, handles: ['se'] }}
          onDragStop={done}
          onResizeStop={done}
        >
          {settled.map((widget) => (
            <div key={widget.id}>
              <WidgetCard widget={widget} placed {...(actions ? { actions } : {})} />
            </div>
          ))}
        </GridLayout>
      )}
    </div>
  );
}
