import type { AuditEntry } from '@plimsoll/model/api';
import { ChevronLeft, ChevronRight, ScrollText } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../api/queries.ts';
import { Button, CodeBlock, DataTable, Dialog, EmptyState, Card, Page, Time, useLocalRows } from '../../components/index.ts';
import type { Column } from '../../components/index.ts';
import { Guard } from '../../components/configuration/index.ts';
import { formatDateTime, formatNumber } from '../../format.ts';
import { useUrlState } from '../../url.ts';
import { actionText, pageOf, PAGE, pagesOf } from './audit.ts';

const DEFAULTS = { page: '1' };
const TITLE = 'Audit log';

export default function AuditPage() {
  return <Guard needs="admin" title={TITLE}><Audit /></Guard>;
}

/** Who changed what, the latest first, page by page. */
function Audit() {
  const [state, set] = useUrlState(DEFAULTS);
  const page = pageOf(state.page);
  const audit = useApi('audit', { query: { offset: (page - 1) * PAGE, limit: PAGE } }, { keep: true });
  const rows = useLocalRows(audit.data?.items, COLUMNS, '', { error: audit.data ? null : audit.error, retry: () => void audit.refetch(), id: String(page) });
  const total = audit.data?.total ?? 0;
  const pages = pagesOf(total);
  const first = (page - 1) * PAGE + 1;
  return (
    <Page title={TITLE} subtitle="Every change that a person or a token made.">
      <Card flush className="local-table">
        <DataTable label={TITLE} columns={COLUMNS} rows={{ ...rows, stale: audit.isPlaceholderData }} rowKey={(row) => row.id} maxHeight={760} empty={page > 1 && total > 0 ? <EmptyState title="There is no such page" actions={<Button onClick={() => set({ page: '1' })}>To the latest</Button>} /> : <EmptyState title="Nothing was changed yet" icon={<ScrollText size={28} aria-hidden="true" />} />} />
      </Card>
      {pages > 1 && (
        <nav className="line" aria-label="Pages">
          <span className="muted">{formatNumber(first)} to {formatNumber(Math.min(total, first + PAGE - 1))} of {formatNumber(total)}</span>
          <span className="line push">
            <Button size="small" icon={<ChevronLeft size={14} />} disabled={page <= 1} onClick={() => set({ page: String(page - 1) })}>Later</Button>
            <Button size="small" disabled={page >= pages} onClick={() => set({ page: String(page + 1) })}>Earlier<ChevronRight size={14} aria-hidden="true" /></Button>
          </span>
        </nav>
      )}
    </Page>
  );
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { id: 'time', title: 'Time', width: 100, narrow: 'end', cell: (row) => <Time value={row.time} /> },
  { id: 'actor', title: 'Who', width: 150, grow: 1, narrow: 'detail', cell: (row) => <span className="strong" title={row.actor}>{row.actor}</span> },
  { id: 'action', title: 'Did', width: 150, grow: 1, narrow: 'title', cell: (row) => <span title={row.action}>{actionText(row.action)}</span> },
  { id: 'subject', title: 'To', width: 200, grow: 2, narrow: 'detail', cell: (row) => (row.subject === '' ? <span className="muted">–</span> : <span title={row.subject}>{row.subject}</span>) },
  { id: 'address', title: 'From', width: 120, cell: (row) => (row.address === null ? <span className="muted">–</span> : <span className="mono">{row.address}</span>) },
  { id: 'detail', title: 'Detail', width: 64, align: 'end', cell: (row) => (Object.keys(row.detail).length === 0 ? null : <Detail entry={row} />) },
];

function Detail({ entry }: { entry: AuditEntry }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" variant="ghost" onClick={() => setOpen(true)}>Show<span className="visually-hidden"> what {entry.actor} changed</span></Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={actionText(entry.action)} side="right" size="large">
        <div className="stack">
          <dl className="facts">
            <dt>Who</dt><dd>{entry.actor}</dd>
            <dt>When</dt><dd>{formatDateTime(entry.time)}</dd>
            <dt>Action</dt><dd><code>{entry.action}</code></dd>
            <dt>Subject</dt><dd>{entry.subject || '–'}</dd>
            <dt>From</dt><dd>{entry.address ?? '–'}</dd>
          </dl>
          <CodeBlock code={JSON.stringify(entry.detail, null, 2)} label="Detail" />
        </div>
      </Dialog>
    </>
  );
}
