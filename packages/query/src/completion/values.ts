import type { Suggestion } from '@plimsoll/model/api';
import type { ScalarField } from '../fields.ts';
import { quoted, quoteValue } from '../syntax/print.ts';
import { SEVERITY_NAMES } from '../types/severity.ts';

export interface KnownValue {
  value: string;
  count: number | null;
}

/** A value that the language itself knows. `words` are what a person may begin to type for it. */
interface Offer {
  text: string;
  label: string;
  detail: string | null;
  words: string[];
}

const DATES: readonly (readonly [string, string])[] = [
  ['now-1h', 'the last hour'],
  ['now-1d', 'the last 24 hours'],
  ['now-7d', 'the last 7 days'],
  ['now-30d', 'the last 30 days'],
  ['now-1y', 'the last year'],
];

function offers(field: ScalarField, single: boolean, today: string): Offer[] {
  switch (field.type) {
    case 'boolean':
      return ['true', 'false'].map((text) => ({ text, label: text, detail: null, words: [text] }));
    case 'severity':
      return SEVERITY_NAMES.map((name, index) => {
        const level = String(index + 1);
        return { text: level, label: level, detail: name, words: [level, name, `severity ${level}`] };
      }).reverse();
    case 'date':
      return [
        ...DATES.map(([start, detail]) => {
          const text = single ? start : `[${start} .. now]`;
          return { text, label: text, detail, words: [text, start] };
        }),
        { text: today, label: today, detail: 'today, in UTC', words: [today] },
      ];
    default:
      return (field.values ?? []).map((value) => ({ text: quoteValue(value), label: value, detail: null, words: [value] }));
  }
}

const begins = (words: readonly string[], prefix: string): boolean => words.some((word) => word.toLowerCase().startsWith(prefix));

/** What the language knows, with counts where there are any, then what else there is. */
export function valueSuggestions(
  field: ScalarField,
  given: { prefix: string; quote: '"' | '`' | ''; single: boolean; now: Date },
  known: readonly KnownValue[],
): Suggestion[] {
  const prefix = given.prefix.toLowerCase();
  const counts = new Map(known.map(({ value, count }) => [value.toLowerCase(), count]));
  const inQuote = (value: string, plain: string): string => (given.quote ? quoted(value, given.quote) : plain);
  const fixed = offers(field, given.single, given.now.toISOString().slice(0, 10)).filter((offer) => begins(offer.words, prefix));
  const fixedWords = new Set(fixed.flatMap((offer) => offer.words.map((word) => word.toLowerCase())));
  const suggestions = fixed.map(({ text, label, detail }): Suggestion => ({
    // A range in quotes would be no range.
    text: text.startsWith('[') ? text : inQuote(label, text),
    label,
    kind: 'value',
    count: counts.get(label.toLowerCase()) ?? null,
    detail,
  }));
  for (const { value, count } of known) {
    if (fixedWords.has(value.toLowerCase())) continue;
    suggestions.push({ text: inQuote(value, quoteValue(value)), label: value, kind: 'value', count, detail: null });
  }
  if (prefix === '' && given.quote === '' && !given.single) suggestions.push({ text: '*', label: '*', kind: 'value', count: null, detail: 'has any value' });
  return suggestions;
}
