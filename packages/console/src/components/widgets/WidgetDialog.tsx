import type { Dashboard } from '@plimsoll/model/api';
import { ChartColumnBig, ChartLine, ChartPie, Hash, Table2 } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { faultOf, faultOfProblem } from '../../query/bar.ts';
import { Button } from '../Button.tsx';
import { Dialog } from '../Dialog.tsx';
import { Field, Form, Input, Select } from '../Field.tsx';
import { QueryBar } from '../QueryBar.tsx';
import { Notice } from '../States.tsx';
import { useDebounced } from '../useDebounced.ts';
import { DEFAULT_DAYS, KINDS, mayGroup, missingOf, MOST_DAYS, MOST_LIMIT, needsGroups, titleOf, withEntity, withKind } from './draft.ts';
import type { WidgetDraft } from './draft.ts';
import { ENTITIES } from './entities.ts';
import type { WidgetKind } from './layout.ts';
import { NumberInput } from './NumberInput.tsx';
import { WidgetBody } from './WidgetBody.tsx';
import './widgets.css';

const ICONS: Record<WidgetKind, ReactNode> = {
  count: <Hash size={17} aria-hidden="true" />,
  donut: <ChartPie size={17} aria-hidden="true" />,
  bar: <ChartColumnBig size={17} aria-hidden="true" />,
  trend: <ChartLine size={17} aria-hidden="true" />,
  table: <Table2 size={17} aria-hidden="true" />,
};
const NEW_BOARD = '';
const PREVIEW_MS = 350;

interface DialogProps {
  title: string;
  start: WidgetDraft;
  /** What the button says: "Add widget". */
  action: string;
  onClose: () => void;
  /** `board` is where it goes, when there was a choice; null asks for a new one. What it throws is shown. */
  onSave: (draft: WidgetDraft, board: string | null) => Promise<unknown>;
  /** Dashboards to choose from; absent where it is known already. */
  boards?: readonly Dashboard[];
}

/** Makes or changes a widget, with what comes of it beside. */
export function WidgetDialog({ title, start, action, onClose, onSave, boards }: DialogProps) {
  const [draft, setDraft] = useState(start);
  const [board, setBoard] = useState(boards?.[0]?.id ?? NEW_BOARD);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const fields = useApi('fields', { params: { entity: draft.entity } });
  const groupable = (fields.data?.fields ?? []).filter((field) => field.groupable);
  const settled = useDebounced(draft, PREVIEW_MS);
  const mistake = faultOf(draft.query);
  const shown = mistake ?? faultOf(settled.query) ? null : settled;
  // The preview asks the very same thing, so its refusal is this one's.
  const judged = useApi('search', { params: { entity: settled.entity }, query: { query: settled.query, limit: 1 } }, { enabled: shown !== null });
  const refused = judged.error instanceof ApiError && settled.query === draft.query ? faultOfProblem(judged.error.problem) : null;
  const missing = missingOf(draft);
  const isWrong = mistake !== null || refused !== null || missing !== null;

  const change = (part: Partial<WidgetDraft>) => setDraft((old) => ({ ...old, ...part }));
  const save = async () => {
    if (isWrong || busy) return;
    setBusy(true);
    setError(null);
    try {
      await onSave(draft, board === NEW_BOARD ? null : board);
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      size="large"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={isWrong} onClick={() => void save()}>{action}</Button>
        </>
      }
    >
      <div className="widget-dialog">
        <Form onSubmit={() => void save()}>
          {error && <Notice tone="danger">{error.message}</Notice>}
          {boards !== undefined && (
            <Field label="Dashboard">
              <Select value={board} onValue={setBoard} options={[...boards.map(({ id, name }) => ({ value: id, label: name })), { value: NEW_BOARD, label: 'A new dashboard' }]} />
            </Field>
          )}
          <fieldset className="widget-kinds">
            <legend>Show as</legend>
            {KINDS.map(({ kind, title: name, hint }) => (
              <label key={kind} className="widget-kind" title={hint}>
                <input type="radio" name="widget-kind" value={kind} checked={draft.kind === kind} onChange={() => setDraft(withKind(draft, kind, fields.data?.fields ?? []))} />
                {ICONS[kind]}
                {name}
              </label>
            ))}
          </fieldset>
          <div className="widget-fields">
            <Field label="About">
              <Select value={draft.entity} onValue={(value) => {
                const entity = ENTITIES.find((one) => one.name === value);
                if (entity) setDraft(withEntity(draft, entity.name));
              }} options={ENTITIES.map(({ name, title: label }) => ({ value: name, label }))} />
            </Field>
            {mayGroup(draft.kind) && (
              <Field label="Grouped by" error={missing ?? undefined}>
                <Select
                  value={draft.by ?? ''}
                  onValue={(value) => change({ by: value === '' ? null : value })}
                  options={[{ value: '', label: needsGroups(draft.kind) ? 'Choose…' : 'Nothing: one line' }, ...groupable.map(({ name }) => ({ value: name, label: name }))]}
                />
              </Field>
            )}
          </div>
          <div className="field">
            <span className="field-label">Which of them</span>
            <QueryBar
              key={draft.entity}
              entity={draft.entity}
              value={draft.query}
              label="Query of the widget"
              placeholder="All; or a query: created>now-30d"
              fault={refused}
              onDraft={(query) => change({ query })}
              onSubmit={(query) => change({ query })}
            />
          </div>
          <div className="widget-fields">
            {(draft.kind === 'trend' || draft.kind === 'count') && (
              <Field label={draft.kind === 'trend' ? 'Days' : 'Compared with'}>
                {draft.kind === 'trend' ? (
                  <NumberInput least={1} most={MOST_DAYS} value={draft.days ?? DEFAULT_DAYS} onValue={(days) => change({ days })} />
                ) : (
                  <Select
                    value={String(draft.days ?? '')}
                    onValue={(value) => change({ days: value === '' ? null : Number(value) })}
                    options={[{ value: '', label: 'Nothing' }, ...[...new Set([2, 7, 30, 90, ...(draft.days === null ? [] : [draft.days])])].map((days) => ({ value: String(days), label: days === 2 ? 'Yesterday' : `${days} days ago` }))]}
                  />
                )}
              </Field>
            )}
            {draft.kind !== 'count' && !(draft.kind === 'trend' && draft.by === null) && (
              <Field label={draft.kind === 'table' ? 'Rows' : 'Groups at most'}>
                <NumberInput least={1} most={MOST_LIMIT} value={draft.limit} onValue={(limit) => change({ limit })} />
              </Field>
            )}
          </div>
          <Field label="Title"><Input value={draft.title} maxLength={100} placeholder={titleOf({ ...draft, title: '' })} onChange={(event) => change({ title: event.target.value })} /></Field>
          {/* Enter in a field submits: a form needs a button for it, and the visible one stands outside. */}
          <button type="submit" hidden />
        </Form>
        <div className="widget-preview" aria-label="Preview" role="region">
          <span className="field-label">Preview</span>
          <section className="card widget">
            <header className="widget-head"><h2 className="clip">{titleOf(draft)}</h2></header>
            {shown === null || missingOf(shown) !== null ? <p className="widget-nothing">{missing ?? 'The query is not finished.'}</p> : <WidgetBody widget={shown} />}
          </section>
        </div>
      </div>
    </Dialog>
  );
}
