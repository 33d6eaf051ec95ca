import type { Tag as TagView } from '@plimsoll/model/api';
import { quoted } from '@plimsoll/query/syntax';
import { Ellipsis, Plus, Tags as TagsIcon } from 'lucide-react';
import { useState } from 'react';
import { useApi, useChange } from '../../api/queries.ts';
import { useCan } from '../../api/session.ts';
import { Badge, Button, ConfirmDialog, EmptyState, IconButton, Link, Menu, Page, Tag, Time, toast } from '../../components/index.ts';
import type { Column } from '../../components/index.ts';
import { LocalTable } from '../../components/configuration/index.ts';
import { formatNumber, sentence } from '../../format.ts';
import { linkTo, useUrlState } from '../../url.ts';
import { EditTag, NewTag } from './TagDialogs.tsx';

const DEFAULTS = { add: '' };

/** Tags: given by hand, or by a query that decides each minute. */
export default function TagsPage() {
  const tags = useApi('tags');
  const manage = useCan('manage');
  const [{ add }, set] = useUrlState(DEFAULTS);
  const button = manage ? <Button variant="primary" icon={<Plus size={14} />} onClick={() => set({ add: 'tag' })}>New tag</Button> : undefined;
  return (
    <Page title="Tags" subtitle="On hosts, images and containers: to find them by, and to say who sees what." actions={button}>
      <LocalTable
        label="Tags"
        columns={manage ? MANAGED : COLUMNS}
        of={tags}
        rowKey={(row) => row.id}
        empty={<EmptyState title="No tags yet" icon={<TagsIcon size={28} aria-hidden="true" />} actions={button}>A tag is given by hand, or to all that a query matches.</EmptyState>}
      />
      {manage && add === 'tag' && <NewTag onClose={() => set({ add: '' })} />}
    </Page>
  );
}

function assetsOf(tag: TagView, entity: 'hosts' | 'images' | 'containers'): string {
  return linkTo.list(entity, `tag:${quoted(tag.name, '`')}`);
}

const COLUMNS: readonly Column<TagView>[] = [
  { id: 'name', title: 'Tag', width: 150, grow: 1, narrow: 'title', value: (row) => row.name, cell: (row) => <Tag name={row.name} colour={row.colour} /> },
  { id: 'kind', title: 'Given', width: 96, narrow: 'end', value: (row) => (row.query === null ? 'by hand' : 'by query'), cell: (row) => (row.query === null ? <Badge>By hand</Badge> : <Badge tone="teal">By query</Badge>) },
  {
    id: 'query', title: 'To', width: 240, grow: 3, narrow: 'detail', value: (row) => row.query,
    cell: (row) => (row.query === null || row.entity === null ? <span className="muted">what it was put on</span> : <span title={row.query}><span className="muted">{row.entity} </span><code>{row.query}</code></span>),
  },
  { id: 'assets', title: 'Assets', width: 84, align: 'end', descFirst: true, value: (row) => row.assets, cell: (row) => (row.entity !== null ? <Link href={assetsOf(row, row.entity)}>{formatNumber(row.assets)}</Link> : formatNumber(row.assets)) },
  { id: 'created', title: 'Created', width: 100, descFirst: true, value: (row) => row.created, cell: (row) => <Time value={row.created} /> },
];
const MANAGED: readonly Column<TagView>[] = [...COLUMNS, { id: 'actions', title: 'Actions', header: <span />, width: 34, align: 'end', narrow: 'end', cell: (row) => <TagActions tag={row} /> }];

function TagActions({ tag }: { tag: TagView }) {
  const remove = useChange('tagDelete', ['tags', 'search', 'facets']);
  const [dialog, setDialog] = useState<'edit' | 'remove' | null>(null);
  return (
    <>
      <Menu
        trigger={<IconButton icon={<Ellipsis size={16} />} label={`Actions of ${tag.name}`} size="small" />}
        items={[
          ...(tag.entity === null ? (['hosts', 'images', 'containers'] as const) : [tag.entity]).map((entity) => ({ label: `${sentence(entity)} with it`, href: assetsOf(tag, entity) })),
          'separator',
          { label: 'Edit…', onSelect: () => setDialog('edit') },
          { label: 'Delete…', danger: true, onSelect: () => setDialog('remove') },
        ]}
      />
      {dialog === 'edit' && <EditTag tag={tag} onClose={() => setDialog(null)} />}
      <ConfirmDialog
        open={dialog === 'remove'}
        onClose={() => setDialog(null)}
        title={`Delete ${tag.name}?`}
        action="Delete tag"
        onConfirm={async () => {
          await remove.mutateAsync({ params: { id: tag.id } });
          toast(`${tag.name} is deleted.`);
        }}
      >
        It comes off {formatNumber(tag.assets)} assets. Users and API tokens whose view is limited to it no longer see these.
      </ConfirmDialog>
    </>
  );
}
