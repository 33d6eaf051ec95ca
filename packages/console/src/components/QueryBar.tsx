import type { EntityName } from '@plimsoll/model/api';
import clsx from 'clsx';
import { CornerDownLeft, History, Search, X } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { useApi } from '../api/queries.ts';
import { formatNumber } from '../format.ts';
import { accept, faultOf, paint } from '../query/bar.ts';
import type { Fault } from '../query/bar.ts';
import { addToHistory, readHistory } from '../query/history.ts';
import { IconButton } from './Button.tsx';
import { useDebounced } from './useDebounced.ts';
import './QueryBar.css';

interface QueryBarProps {
  entity: EntityName;
  /** The query that is shown now: of the URL. */
  value: string;
  /** Called with what was typed when Enter is pressed. */
  onSubmit: (query: string) => void;
  /** What the server says of `value`. */
  fault?: Fault | null;
  placeholder?: string;
  /** For forms: the text is told as it is typed. */
  onDraft?: (query: string) => void;
  label?: string;
}

interface Choice {
  key: string;
  label: string;
  kind: string;
  count: number | null;
  detail: string | null;
  take: () => void;
}

/** As a sentence: more may follow. */
function ended(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

const COMPLETE_MS = 70;
const FAULT_MS = 500;

/** The query language with colours, completion and errors at their place. */
export function QueryBar({ entity, value, onSubmit, fault: refused = null, placeholder, onDraft, label = 'Query' }: QueryBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const [draft, setDraft] = useState(value);
  const [cursor, setCursor] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [scroll, setScroll] = useState(0);
  const placeOf = useRef<number | null>(null);

  // A click on a facet, or going back, changes the query from outside.
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setDraft(value);
    setCursor(value.length);
  }
  useEffect(() => {
    if (placeOf.current === null) return;
    input.current?.setSelectionRange(placeOf.current, placeOf.current);
    placeOf.current = null;
  }, [draft]);

  const still = useDebounced(draft, FAULT_MS);
  const mistake = useMemo(() => (still === draft ? faultOf(still) : null), [still, draft]);
  const fault = draft.trim() === value.trim() ? (refused ?? mistake) : mistake;
  // While a term is being written it is unfinished, not wrong.
  const shownFault = fault && (!open || fault.from < cursor - 1 || draft === value) ? fault : null;

  const asked = useDebounced(useMemo(() => ({ query: draft, cursor }), [draft, cursor]), COMPLETE_MS);
  const completion = useApi('complete', { params: { entity }, query: asked }, { enabled: open, keep: true });
  const history = useMemo(() => (open && draft === '' ? readHistory(entity) : []), [open, draft, entity]);

  const change = (text: string, at: number) => {
    setDraft(text);
    setCursor(at);
    setActive(-1);
    onDraft?.(text);
  };
  const submit = (text: string) => {
    setOpen(false);
    setActive(-1);
    if (faultOf(text) === null) addToHistory(entity, text);
    onSubmit(text.trim());
  };

  const fresh = completion.data && asked.query === draft ? completion.data : null;
  const choices: Choice[] = open
    ? [
        ...history.map((query) => ({ key: `history ${query}`, label: query, kind: 'history', count: null, detail: null, take: () => { change(query, query.length); submit(query); } })),
        ...(fresh?.suggestions ?? []).map((item) => ({
          key: `${item.kind} ${item.text}`,
          label: item.label,
          kind: item.kind,
          count: item.count,
          detail: item.detail,
          take: () => {
            const next = accept(draft, fresh?.from ?? 0, fresh?.to ?? 0, item.text);
            placeOf.current = next.cursor;
            change(next.text, next.cursor);
            setOpen(true);
          },
        })),
      ]
    : [];

  const press = (event: React.KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!open) return setOpen(true);
      if (choices.length === 0) return;
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const next = active + step < -1 ? choices.length - 1 : active + step >= choices.length ? -1 : active + step;
      setActive(next);
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const choice = choices[active];
      if (choice) choice.take();
      else submit(draft);
    } else if (event.key === 'Tab' && !event.shiftKey && open && choices.length > 0 && (active >= 0 || cursor > 0)) {
      const choice = choices[Math.max(active, 0)];
      if (choice && choice.kind !== 'history') {
        event.preventDefault();
        choice.take();
      }
    } else if (event.key === 'Escape') {
      if (open) {
        event.preventDefault();
        setOpen(false);
        setActive(-1);
      } else input.current?.blur();
    } else if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      setOpen(true);
    }
  };

  return (
    <div className="query-bar">
      <div className={clsx('query-box', shownFault && 'query-wrong')}>
        <Search size={15} className="query-icon" aria-hidden="true" />
        <div className="query-text">
          <div className="query-paint" aria-hidden="true">
            <span style={{ transform: `translateX(${-scroll}px)` }}>
              {paint(draft, shownFault).map((piece, index) => <span key={index} className={clsx(piece.kind && `query-${piece.kind}`, piece.wrong && 'query-fault')}>{piece.text}</span>)}
            </span>
          </div>
          <input
            ref={input}
            data-query-bar=""
            className="query-input"
            value={draft}
            placeholder={placeholder}
            onChange={(event) => {
              change(event.target.value, event.target.selectionStart ?? event.target.value.length);
              setOpen(true);
            }}
            onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
            onScroll={(event) => setScroll(event.currentTarget.scrollLeft)}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={press}
            role="combobox"
            aria-label={label}
            aria-expanded={choices.length > 0}
            aria-controls={list}
            aria-autocomplete="list"
            aria-activedescendant={active >= 0 ? `${list}-${active}` : undefined}
            aria-invalid={shownFault ? true : undefined}
            aria-describedby={shownFault ? `${list}-fault` : undefined}
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            maxLength={4000}
            enterKeyHint="search"
          />
        </div>
        {draft !== '' && <IconButton icon={<X size={14} />} label="Clear query" size="small" onClick={() => { change('', 0); submit(''); input.current?.focus(); }} />}
        {draft.trim() !== value.trim() && !onDraft && <IconButton icon={<CornerDownLeft size={14} />} label="Run query (Enter)" size="small" onClick={() => submit(draft)} />}
      </div>
      {choices.length > 0 && (
        <ul id={list} className="query-list" role="listbox" aria-label="Suggestions">
          {choices.map((choice, index) => (
            <li
              key={choice.key}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === active}
              className={clsx('query-choice', index === active && 'query-active')}
              // The field keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={choice.take}
            >
              {choice.kind === 'history' ? <History size={13} aria-hidden="true" /> : <span className={`query-kind query-kind-${choice.kind}`}>{choice.kind}</span>}
              <span className="mono clip query-choice-label">{choice.label}</span>
              {choice.detail !== null && <span className="small muted clip grow">{choice.detail}</span>}
              {choice.count !== null && <span className="small soft push">{formatNumber(choice.count)}</span>}
            </li>
          ))}
        </ul>
      )}
      {shownFault && (
        <p id={`${list}-fault`} className="query-message" role="alert">
          <span className="query-caret" style={{ marginInlineStart: `max(0px, calc(${shownFault.from}ch - ${scroll}px))` }} aria-hidden="true">▲</span>
          <span>{ended(shownFault.message)}{shownFault.expected.length > 0 && <span className="query-expected"> Expected: {shownFault.expected.slice(0, 8).join(', ')}.</span>}</span>
        </p>
      )}
    </div>
  );
}
