import type { EntityName } from '@plimsoll/model/api';
import { Bug, Container, Database, HardDrive, Layers, Package, Search, Zap } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useApi } from '../api/queries.ts';
import { preload } from '../routes.tsx';
import { CoverageLine } from './States.tsx';
import { useDebounced } from './useDebounced.ts';
import './GlobalSearch.css';

const SIZE = { size: 15, 'aria-hidden': true } as const;
const ICONS: Record<EntityName, ReactNode> = {
  hosts: <HardDrive {...SIZE} />,
  images: <Layers {...SIZE} />,
  containers: <Container {...SIZE} />,
  registries: <Database {...SIZE} />,
  packages: <Package {...SIZE} />,
  vulnerabilities: <Bug {...SIZE} />,
  events: <Zap {...SIZE} />,
};
const TITLES: Record<EntityName, string> = {
  hosts: 'Host', images: 'Image', containers: 'Container', registries: 'Registry', packages: 'Package', vulnerabilities: 'Vulnerability', events: 'Event',
};
const WAIT_MS = 120;

/** Finds anything by a few letters: Ctrl+K or `/` from everywhere. */
export function GlobalSearch({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const [, navigate] = useLocation();
  const list = useId();
  const asked = useDebounced(text.trim(), WAIT_MS);
  const found = useApi('find', { query: { text: asked } }, { enabled: asked !== '', keep: true });
  const results = asked === '' ? [] : (found.data?.results ?? []);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const go = (path: string) => {
    onClose();
    navigate(path);
  };
  const press = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && results.length > 0) {
      event.preventDefault();
      const next = (active + step + results.length) % results.length;
      setActive(next);
      const path = results[next]?.path;
      if (path !== undefined) preload(path);
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      const result = results[active];
      if (result) go(result.path);
    }
  };

  return (
    <dialog
      ref={dialog}
      className="dialog find"
      aria-label="Search everything"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="find-box">
        <div className="find-head">
          <Search size={17} aria-hidden="true" />
          <input
            className="find-input"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setActive(0);
            }}
            onKeyDown={press}
            placeholder="Host, image, container, package or CVE"
            aria-label="Search"
            role="combobox"
            aria-expanded={results.length > 0}
            aria-controls={list}
            aria-activedescendant={results.length > 0 ? `${list}-${active}` : undefined}
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            autoFocus
          />
          <kbd>Esc</kbd>
        </div>
        <ul id={list} role="listbox" aria-label="Results" className="find-results">
          {results.map((result, index) => (
            <li
              key={`${result.entity} ${result.id}`}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === active}
              className={index === active ? 'find-result find-active' : 'find-result'}
              onPointerMove={() => setActive(index)}
              onClick={() => go(result.path)}
            >
              {ICONS[result.entity]}
              <span className="grow">
                <span className="clip find-title">{result.title}</span>
                <span className="clip small muted find-title">{result.detail}</span>
              </span>
              <span className="small muted">{TITLES[result.entity]}</span>
            </li>
          ))}
        </ul>
        {found.isError && <p className="find-note" role="alert">{found.error.message}</p>}
        {asked !== '' && found.isSuccess && !found.isPlaceholderData && results.length === 0 && (
          <div className="find-note" role="status">
            <p>Nothing found for “{asked}”.</p>
            <CoverageLine />
          </div>
        )}
        {asked === '' && <p className="find-note">Type a few letters; ↑ ↓ to choose, Enter to open.</p>}
      </div>
    </dialog>
  );
}
