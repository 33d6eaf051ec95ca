/** Widgets of dashboards: what they are (draft.ts), where they stand (layout.ts), and how they look. */
export { addWidget, changeWidget, draftOfUrl, duplicateWidget, MOST_WIDGETS, newDraft, removeWidget, type WidgetDraft } from './draft.ts';
export { heightOf, inOrder, move, resize, type Direction } from './layout.ts';
export { WidgetCard, type WidgetActions } from './WidgetCard.tsx';
export { WidgetDialog } from './WidgetDialog.tsx';
