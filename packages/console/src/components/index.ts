/**
 * What pages are built of. Each is small and says in its file what it takes.
 *
 * Frame       AppShell (around every page), Page { title, breadcrumbs, subtitle, actions, fill }, NoAccess, Tabs (?tab=)
 *             Card { title, actions, flush }, Stats > Stat { label, value, detail, href, tone }
 * Tables      DataTable { label, columns, rows, rowKey, href, sort, onSort, empty, maxHeight }
 *             rows: useServerRows(entity, query, sort) pages a search; useLocalRows(array, columns, sort) sorts an array
 *             cells: <span className="cell-two"><a className="cell-main"/> <span/></span> for two lines
 * Query       QueryBar { entity, value, onSubmit, fault, onDraft }, FacetPanel { entity, query, onQuery }, SavedSearches,
 *             EntityListPage (all lists of ../lists)
 * Severity    SeverityMark (digit), SeverityBadge (digit and name), SeverityCounts (five columns; null is "Not scanned"),
 *             SeverityLegend (heads those columns; SEVERITY_HEADS as a column's `parts` sorts by them), SeverityBar { legend }
 * States      StateBadge { state }, Badge { tone }, Tag, Tags, EmptyState { title, coverage }, CoverageLine, ErrorState
 *             { error, retry }, Notice { tone }, Skeleton, SkeletonLines, Loaded { of: a query, children: data => … }
 * Forms       Form > Field { label, hint, error } > Input | Textarea | Select { options, onValue } | Checkbox; FormActions;
 *             errorOf(error, field)
 * Actions     Button { variant, size, icon, busy }, IconButton { icon, label }, LinkButton { href, download }, Link, Menu
 *             { trigger, items }, Dialog { open, onClose, title, actions, side }, ConfirmDialog { action, onConfirm }, toast()
 * Texts       Time (ago, with the date as title), Bytes, CodeBlock, CopyButton, CopyText; ../format.ts has the functions
 * Charts      Donut { slices }, BarList { bars }, TrendChart { days, series, stacked } (its library loads when shown)
 * Hooks       useDebounced, useMedia, useNarrow
 *
 * Elsewhere: api(name, { params, query, body }) in ../api/client.ts; useApi and useChange in ../api/queries.ts; useMe, useCan in
 * ../api/session.ts; useUrlState and linkTo in ../url.ts; a new page is a line in ../routes.tsx and pages/NAME/index.tsx
 * with a default export. Helper classes (stack, line, muted, clip, facts…) are in ../styles/base.css, colours in tokens.css.
 */
export { AppShell, NoAccess } from './AppShell.tsx';
export { Badge, StateBadge, Tag, Tags, type Tone } from './Badge.tsx';
export { Button, IconButton, LinkButton } from './Button.tsx';
export { Card, Stat, Stats } from './Card.tsx';
export { BarList, Donut, TrendChart, type Slice, type TrendSeries } from './Charts.tsx';
export { CodeBlock, CopyButton, CopyText } from './Code.tsx';
export { DataTable, type Column } from './DataTable.tsx';
export { ConfirmDialog, Dialog } from './Dialog.tsx';
export { FacetPanel } from './FacetPanel.tsx';
export { Checkbox, errorOf, Field, Form, FormActions, Input, Select, Textarea } from './Field.tsx';
export { Link } from './Link.tsx';
export { Loaded } from './Loaded.tsx';
export { Logo } from './Logo.tsx';
export { Menu, type MenuItem } from './Menu.tsx';
export { Page } from './Page.tsx';
export { QueryBar } from './QueryBar.tsx';
export { useLocalRows, useServerRows, type Rows } from './rows.ts';
export { SavedSearches } from './SaveSearch.tsx';
export { SeverityBadge, SeverityBar, SeverityCounts, SeverityLegend, SEVERITY_HEADS, SeverityMark } from './Severity.tsx';
export { CoverageLine, EmptyState, ErrorState, Notice, Skeleton, SkeletonLines } from './States.tsx';
export { Tabs, type Tab } from './Tabs.tsx';
export { Bytes, Time } from './Time.tsx';
export { toast, Toaster } from './Toast.tsx';
export { useDebounced } from './useDebounced.ts';
export { useMedia, useNarrow } from './useMedia.ts';
