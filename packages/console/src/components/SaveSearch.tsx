import type { EntityName } from '@plimsoll/model/api';
import { Bookmark, BookmarkPlus, LayoutDashboard, Share2 } from 'lucide-react';
import { useState } from 'react';
import { useApi, useChange } from '../api/queries.ts';
import { linkTo } from '../url.ts';
import { Button, IconButton } from './Button.tsx';
import { Dialog } from './Dialog.tsx';
import { Checkbox, errorOf, Field, Form, Input } from './Field.tsx';
import { Menu } from './Menu.tsx';
import type { MenuItem } from './Menu.tsx';
import { Notice } from './States.tsx';
import { toast } from './Toast.tsx';

/** The saved searches of an entity, a way to save this one, and its address to share. */
export function SavedSearches({ entity, query }: { entity: EntityName; query: string }) {
  const searches = useApi('searches');
  const remove = useChange('searchDelete', ['searches']);
  const [dialog, setDialog] = useState<'save' | 'manage' | null>(null);
  const here = (searches.data?.items ?? []).filter((search) => search.entity === entity);
  const group = (title: string, items: typeof here): MenuItem[] =>
    items.length === 0 ? [] : [{ heading: title }, ...items.map((search) => ({ label: search.name, href: linkTo.list(entity, search.query), icon: <Bookmark size={14} /> }))];
  const mine = here.filter((search) => search.mine);
  const items: MenuItem[] = [
    { label: 'Save this search…', icon: <BookmarkPlus size={14} />, onSelect: () => setDialog('save'), disabled: query === '' },
    { label: 'Add to a dashboard…', icon: <LayoutDashboard size={14} />, href: linkTo.newWidget(entity, query) },
    ...(mine.length > 0 ? [{ label: 'Remove saved searches…', onSelect: () => setDialog('manage') }] : []),
    ...(here.length > 0 ? ['separator' as const] : []),
    ...group('Yours', mine),
    ...group('Shared', here.filter((search) => !search.mine)),
  ];
  const share = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      toast('Address copied. It shows whoever opens it this query, order and page.');
    } catch {
      toast(new Error('The browser gives no access to the clipboard here: copy the address from its bar.'));
    }
  };
  return (
    <>
      <Menu trigger={<Button icon={<Bookmark size={14} />}>Saved</Button>} items={items} />
      <IconButton variant="default" icon={<Share2 size={14} />} label="Copy address of this view" onClick={() => void share()} />
      {dialog === 'save' && <SaveDialog entity={entity} query={query} onClose={() => setDialog(null)} />}
      <Dialog open={dialog === 'manage'} onClose={() => setDialog(null)} title="Your saved searches">
        <ul className="stack">
          {mine.map((search) => (
            <li key={search.id} className="line">
              <span className="grow cell-two"><span className="cell-main">{search.name}</span><span className="mono">{search.query}</span></span>
              <Button size="small" variant="danger" onClick={() => remove.mutate({ params: { id: search.id } }, { onError: toast })}>Remove</Button>
            </li>
          ))}
          {mine.length === 0 && <li className="muted">None left.</li>}
        </ul>
      </Dialog>
    </>
  );
}

function SaveDialog({ entity, query, onClose }: { entity: EntityName; query: string; onClose: () => void }) {
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const save = useChange('searchCreate', ['searches']);
  const submit = () =>
    save.mutate({ body: { name: name.trim(), entity, query, shared } }, {
      onSuccess: () => {
        toast('Search saved.');
        onClose();
      },
    });
  return (
    <Dialog open onClose={onClose} title="Save search" size="small" actions={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" busy={save.isPending} disabled={name.trim() === ''} onClick={submit}>Save</Button></>}>
      <Form onSubmit={submit}>
        <p className="mono break soft">{query}</p>
        <Field label="Name" error={errorOf(save.error, 'name')}><Input value={name} maxLength={100} autoFocus onChange={(event) => setName(event.target.value)} /></Field>
        <Checkbox label="Shared" hint="Everyone here may use it; only you can remove it." checked={shared} onChange={(event) => setShared(event.target.checked)} />
        {save.error && !errorOf(save.error, 'name') && <Notice tone="danger">{save.error.message}</Notice>}
      </Form>
    </Dialog>
  );
}
