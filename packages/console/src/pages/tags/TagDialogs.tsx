import type { Tag as TagView } from '@plimsoll/model/api';
import { useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { useApi, useChange } from '../../api/queries.ts';
import { Button, Dialog, errorOf, Field, Form, Input, Notice, QueryBar, Select, Tag, toast, useDebounced } from '../../components/index.ts';
import { Segmented } from '../../components/configuration/index.ts';
import { plural, sentence } from '../../format.ts';
import { faultOf, faultOfProblem } from '../../query/bar.ts';
import './tags.css';

const COLOURS = ['grey', 'blue', 'teal', 'green', 'amber', 'red', 'violet'] as const;
type Colour = (typeof COLOURS)[number];
const ENTITIES = ['hosts', 'images', 'containers'] as const;
type Entity = (typeof ENTITIES)[number];
const ONE: Record<Entity, string> = { hosts: 'host', images: 'image', containers: 'container' };
const MOST_NAME = 60;
const REFRESH = ['tags', 'search', 'facets'] as const;
const COUNT_MS = 350;

interface Fields {
  name: string;
  colour: Colour;
  kind: 'hand' | 'query';
  entity: Entity;
  query: string;
}

interface FormProps {
  title: string;
  action: string;
  start: Fields;
  isNew: boolean;
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onSave: (fields: Fields) => void;
}

function TagForm({ title, action, start, isNew, busy, error, onClose, onSave }: FormProps) {
  const [fields, setFields] = useState(start);
  const set = (change: Partial<Fields>) => setFields((old) => ({ ...old, ...change }));
  const { name, colour, kind, entity, query } = fields;
  const settled = useDebounced(query.trim(), COUNT_MS);
  const isReadable = settled !== '' && faultOf(settled) === null;
  const matches = useApi('search', { params: { entity }, query: { query: settled, limit: 1 } }, { enabled: kind === 'query' && isReadable });
  const fault = matches.error instanceof ApiError && settled === query.trim() ? faultOfProblem(matches.error.problem) : null;
  const isComplete = name.trim() !== '' && (kind === 'hand' || (query.trim() !== '' && faultOf(query) === null && fault === null));
  const submit = () => {
    if (isComplete) onSave({ ...fields, name: name.trim(), query: query.trim() });
  };
  const told = ['name', 'colour', 'query'].some((path) => errorOf(error, path) !== undefined);
  return (
    <Dialog open onClose={onClose} title={title} actions={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" busy={busy} disabled={!isComplete} onClick={submit}>{action}</Button></>}>
      <Form onSubmit={submit} className="tag-form">
        {error && !told && <Notice tone="danger">{error.message}</Notice>}
        <Field label="Name" error={errorOf(error, 'name')}><Input value={name} maxLength={MOST_NAME} autoFocus placeholder="production" onChange={(event) => set({ name: event.target.value })} /></Field>
        <fieldset className="tag-colours">
          <legend className="field-label">Colour</legend>
          <div className="line-wrap">
            {COLOURS.map((one) => (
              <label key={one} className="tag-colour">
                <input type="radio" name="tag-colour" value={one} aria-label={sentence(one)} checked={colour === one} onChange={() => set({ colour: one })} />
                <Tag name={one === colour && name.trim() !== '' ? name.trim() : one} colour={one} />
              </label>
            ))}
          </div>
        </fieldset>
        {isNew && <Segmented legend="Given" name="tag-kind" value={kind} onValue={(value) => set({ kind: value })} options={[{ value: 'hand', label: 'By hand' }, { value: 'query', label: 'By query' }]} />}
        {kind === 'hand' ? (
          isNew && <p className="small muted">Put it on hosts, images and containers on their pages.</p>
        ) : (
          <>
            {isNew && <Field label="On"><Select value={entity} onValue={(value) => set({ entity: ENTITIES.find((one) => one === value) ?? entity, query: '' })} options={ENTITIES.map((value) => ({ value, label: sentence(value) }))} /></Field>}
            <div className="field">
              <span className="field-label">{isNew ? 'All that match' : `${sentence(entity)} that match`}</span>
              <QueryBar key={entity} entity={entity} value={query} label="Query of the tag" fault={fault} placeholder="created>now-7d" onDraft={(text) => set({ query: text })} onSubmit={(text) => set({ query: text })} />
              {errorOf(error, 'query') !== undefined && <p className="field-error" role="alert">{errorOf(error, 'query')}</p>}
              <p className="field-hint" role="status">{matches.data && isReadable ? `${plural(matches.data.total, ONE[entity])} now. It follows the query from then on.` : 'It follows the query: what begins to match gets the tag, what no longer does loses it.'}</p>
            </div>
          </>
        )}
        <button type="submit" hidden />
      </Form>
    </Dialog>
  );
}

export function NewTag({ onClose }: { onClose: () => void }) {
  const create = useChange('tagCreate', REFRESH);
  return (
    <TagForm
      title="New tag"
      action="Create tag"
      isNew
      start={{ name: '', colour: 'grey', kind: 'hand', entity: 'hosts', query: '' }}
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSave={({ name, colour, kind, entity, query }) => create.mutate({ body: { name, colour, ...(kind === 'query' ? { entity, query } : {}) } }, {
        onSuccess: (tag) => {
          toast(`${tag.name} is there.`);
          onClose();
        },
      })}
    />
  );
}

export function EditTag({ tag, onClose }: { tag: TagView; onClose: () => void }) {
  const change = useChange('tagChange', REFRESH);
  return (
    <TagForm
      title={`Edit ${tag.name}`}
      action="Save"
      isNew={false}
      start={{ name: tag.name, colour: tag.colour, kind: tag.query === null ? 'hand' : 'query', entity: tag.entity ?? 'hosts', query: tag.query ?? '' }}
      busy={change.isPending}
      error={change.error}
      onClose={onClose}
      onSave={({ name, colour, kind, query }) => change.mutate({ params: { id: tag.id }, body: { name, colour, ...(kind === 'query' ? { query } : {}) } }, {
        onSuccess: () => {
          toast(`${name} is saved.`);
          onClose();
        },
      })}
    />
  );
}
