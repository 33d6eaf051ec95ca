import { X } from 'lucide-react';
import { useId, useState } from 'react';
import { useApi } from '../../api/queries.ts';
import { Checkbox, Field, Input } from '../Field.tsx';
import { Tag } from '../Badge.tsx';
import './configuration.css';

interface ScopeProps {
  /** Tags of the assets to be seen; null for all. */
  value: readonly string[] | null;
  onValue: (scope: string[] | null) => void;
  error?: string | undefined;
  /** Tags that can be chosen at most: of a person whose own view is limited. Null for all tags there are. */
  within?: readonly string[] | null;
}

/** Everything, or only what has one of some tags. */
export function ScopeField({ value, onValue, error, within = null }: ScopeProps) {
  const [text, setText] = useState('');
  const list = useId();
  const tags = useApi('tags', {}, { enabled: value !== null });
  const colours = new Map(tags.data?.items.map((tag) => [tag.name, tag.colour]));
  const known = within ?? tags.data?.items.map((tag) => tag.name) ?? [];
  const chosen = value ?? [];
  const free = known.filter((name) => !chosen.includes(name));
  const add = (name: string) => {
    const found = free.find((one) => one.toLowerCase() === name.trim().toLowerCase());
    if (found === undefined) return false;
    onValue([...chosen, found]);
    setText('');
    return true;
  };
  return (
    <div className="stack scope-field">
      <Checkbox label="Only what has certain tags" hint={within === null ? 'Otherwise all hosts, images and containers.' : 'You see only what has these tags: so does what you make.'} checked={value !== null} disabled={within !== null} onChange={(event) => onValue(event.target.checked ? [] : null)} />
      {value !== null && (
        <Field label="Tags" error={error} hint={free.length === 0 && tags.data ? (known.length === 0 ? 'There are no tags yet: make one under Tags.' : 'All tags are chosen.') : 'What has any of them can be seen. Enter adds one.'}>
          <Input
            value={text}
            list={list}
            placeholder="Type a tag"
            autoComplete="off"
            onChange={(event) => {
              // A choice from the list is complete; what is typed letter by letter waits for Enter.
              const isChoice = !(event.nativeEvent instanceof InputEvent) || event.nativeEvent.inputType === 'insertReplacementText';
              if (!isChoice || !add(event.target.value)) setText(event.target.value);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && text.trim() !== '') {
                event.preventDefault();
                add(text);
              } else if (event.key === 'Backspace' && text === '' && chosen.length > 0) onValue(chosen.slice(0, -1));
            }}
            onBlur={() => add(text)}
          />
        </Field>
      )}
      {value !== null && <datalist id={list}>{free.map((name) => <option key={name} value={name} />)}</datalist>}
      {chosen.length > 0 && (
        <ul className="scope-tags" aria-label="Chosen tags">
          {chosen.map((name) => (
            <li key={name}>
              <Tag name={name} colour={colours.get(name) ?? 'grey'} />
              <button type="button" className="scope-remove" aria-label={`Take out ${name}`} onClick={() => onValue(chosen.filter((one) => one !== name))}><X size={12} aria-hidden="true" /></button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
