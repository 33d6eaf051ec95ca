import type { CompleteResult, Suggestion } from '@plimsoll/model/api';
import type { Field, FieldTable, ScalarField } from '../fields.ts';
import { allFields, mainField, type Found } from '../resolve.ts';
import { LIMITS } from '../syntax/parser.ts';
import { placeAt, type Place } from './place.ts';
import { valueSuggestions, type KnownValue } from './values.ts';

export interface Completion {
  text: string;
  /** Offset in UTF-16 units. */
  cursor: number;
  table: FieldTable;
  /** Real values of a field that begin with a prefix, compared without case, best first. `path`: ['software', 'name']. */
  values: (field: ScalarField, path: string[], prefix: string, limit: number) => Promise<readonly KnownValue[]>;
  limit: number;
  now?: Date;
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['and', 'both'],
  ['or', 'either'],
  ['not', 'rows for which it does not hold'],
  ['(', 'a group'],
  [')', 'ends the group'],
  [',', 'one more value'],
  ['..', 'a range'],
  [']', 'ends the list'],
]);

/** What can replace the characters `from`..`to`, best first. Works with any text, finished or not. */
export async function complete({ text, cursor, table, values, limit, now = new Date() }: Completion): Promise<CompleteResult> {
  const at = Math.min(Math.max(cursor, 0), text.length);
  if (text.length > LIMITS.characters) return { from: at, to: at, suggestions: [] };
  const place = placeAt(text, at, table);
  const value = place.value && scalarOf(place.value);
  const suggestions: Suggestion[] = [];
  if (value) {
    const known = await values(value.field, value.path, place.prefix, limit);
    suggestions.push(...valueSuggestions(value.field, { ...place, now }, known));
  }
  suggestions.push(...fieldSuggestions(place));
  const words = wordSuggestions(place, text);
  // After a whole term the next thing is a word; elsewhere words come last.
  const ordered = place.words.includes('and') ? [...words, ...suggestions] : [...suggestions, ...words];
  return { from: place.from, to: place.to, suggestions: ordered.slice(0, limit) };
}

function scalarOf({ field, within }: Found): { field: ScalarField; path: string[] } | undefined {
  const path = [...within, field].map((part) => part.name);
  if (field.type !== 'object') return { field, path };
  const main = mainField(field);
  return main && { field: main, path: [...path, main.name] };
}

/** The lower, the better; undefined for a field that does not fit. */
function rank(name: string, field: Field, prefix: string): number | undefined {
  const lower = name.toLowerCase();
  if (lower.startsWith(prefix)) return 0;
  const aliases = field.aliases ?? [];
  if (field.name.toLowerCase().startsWith(prefix) || aliases.some((alias) => alias.toLowerCase().startsWith(prefix))) return 1;
  return lower.includes(prefix) ? 2 : undefined;
}

function fieldSuggestions(place: Place): Suggestion[] {
  const prefix = place.prefix.toLowerCase();
  return allFields(place.fields)
    .flatMap((found) => {
      const fit = rank(found.name, found.field, prefix);
      // What is in objects follows what stands beside them.
      return fit === undefined ? [] : [{ ...found, order: fit * 10 + Math.min(found.within.length, 9) }];
    })
    .sort((a, b) => a.order - b.order)
    .map(({ field, name }): Suggestion => ({
      text: name + (place.operatorFollows ? '' : field.type === 'object' ? ':(' : ':'),
      label: name,
      kind: 'field',
      count: null,
      detail: field.description,
    }));
}

function wordSuggestions(place: Place, text: string): Suggestion[] {
  const prefix = place.prefix.toLowerCase();
  if (place.quote) return [];
  // `state:running` + `and` needs a space between, unless something is being replaced.
  const glued = place.from === place.to && place.from > 0 && /[^\s([]/.test(text[place.from - 1]!);
  return place.words
    .filter((word) => word.startsWith(prefix))
    .map((word): Suggestion => {
      const keyword = /^[a-z]/.test(word);
      return {
        text: glued && (keyword || word === '..') ? ` ${word}` : word,
        label: word,
        kind: keyword ? 'keyword' : 'operator',
        count: null,
        detail: WORDS.get(word) ?? null,
      };
    });
}
