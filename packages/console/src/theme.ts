import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';
export type ThemeChoice = Theme | 'system';

/** Where public/theme.js reads it before the first paint. */
const KEY = 'plimsoll.theme';
/** Asked when needed: this module is read without a window too, by tests. */
const system = () => matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

let choice: ThemeChoice = 'system';

function current(): Theme {
  if (choice !== 'system') return choice;
  return system().matches ? 'dark' : 'light';
}

function apply(): void {
  document.documentElement.dataset.theme = current();
  for (const listener of listeners) listener();
}

export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  try {
    if (next === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // Storage is off: it holds until the page is left.
  }
  apply();
}

/** Follows the system from now on, where nothing else was chosen. */
export function startTheme(): void {
  choice = stored();
  system().addEventListener('change', apply);
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The theme on screen. Charts that draw on a canvas read their colours again when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, current);
}
export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, () => choice);
}
