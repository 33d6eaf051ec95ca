import sql, { type Sql } from 'sql-template-tag';
import { badForm, type Kind, type SimpleTest } from './kind.ts';

/** For `like`, whose escape is the backslash. */
const likeLiteral = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
/** A PostgreSQL regular expression takes a backslash before any ASCII mark as that mark. */
const regexLiteral = (text: string): string => text.replace(/[^\p{L}\p{N}_\s]/gu, (mark) => (mark.charCodeAt(0) < 128 ? `\\${mark}` : mark));

/** A wildcard value, translated: `literal` for what is meant as it stands. */
export function translateWildcard(pattern: string, literal: (text: string) => string, many: string, one: string): string {
  return pattern.replace(/\\([\s\S])|[*?]|[^\\*?]+|\\/g, (part, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped);
    return part === '*' ? many : part === '?' ? one : literal(part);
  });
}

export const likePattern = (pattern: string): string => translateWildcard(pattern, likeLiteral, '%', '_');

const wordCharacter = (text: string | undefined): boolean => text !== undefined && /[\p{L}\p{N}]/u.test(text);
const WORD_START = '(^|[^[:alnum:]])';
const WORD_END = '($|[^[:alnum:]])';

/**
 * Two conditions on the same text: `like`, which a trigram index answers, and the exact one on what that leaves.
 * Both get their parameter in lower case by the database, as the value: it knows the letters of its locale.
 */
function both(value: Sql, like: string, regex: string): Sql {
  return sql`(lower(${value}) like lower(${like}::text) and lower(${value}) ~ lower(${regex}::text))`;
}

/** A word begins where the text begins or after what is neither letter nor digit. */
export function wordTest(value: Sql, text: string): Sql {
  const like = `%${likeLiteral(text)}%`;
  // `.so` or `/usr` can stand anywhere.
  if (!wordCharacter(text[0])) return sql`lower(${value}) like lower(${like}::text)`;
  return both(value, like, WORD_START + regexLiteral(text));
}

/** Words side by side, whole. */
export function phraseTest(value: Sql, text: string): Sql {
  const words = text.trim().split(/\s+/);
  if (words[0] === '') return sql`${value} = ''`;
  const first = words[0]![0];
  const last = words.at(-1)!.at(-1);
  const regex = words.map(regexLiteral).join('[^[:alnum:]]+');
  return both(
    value,
    `%${words.map(likeLiteral).join('%')}%`,
    (wordCharacter(first) ? WORD_START : '') + regex + (wordCharacter(last) ? WORD_END : ''),
  );
}

/** `*` and `?` stand for what is no white space. */
function wildcardTest(value: Sql, pattern: string): Sql {
  const bare = pattern.replace(/\\([\s\S])/g, '$1');
  const start = wordCharacter(bare[0]) ? WORD_START : /^[*?]/.test(pattern) ? '(^|[[:space:]])' : '';
  const end = wordCharacter(bare.at(-1)) ? WORD_END : /(?:^|[^\\])[*?]$/.test(pattern) ? '($|[[:space:]])' : '';
  const regex = translateWildcard(pattern, regexLiteral, '[^[:space:]]*', '[^[:space:]]');
  return both(value, `%${likePattern(pattern)}%`, start + regex + end);
}

export const text: Kind = {
  type: 'text',
  expected: 'words',
  meaning:
    'Words, without case. A word fits words that begin with it (`title:mac` finds macOS); a phrase fits whole words side by side, whatever marks are between them; `=` and backticks ask for the whole text. Words begin after anything that is neither letter nor digit. Wildcards do not cross white space.',
  examples: ['title:mac', 'title:"debian gnu"', 'title:*sql'],
  test(value, test, context) {
    switch (test.kind) {
      case 'word':
        return wordTest(value, test.text);
      case 'phrase':
        return phraseTest(value, test.text);
      case 'wildcard':
        return wildcardTest(value, test.pattern);
      default:
        return wholeValue(value, test) ?? fail(test, context);
    }
  },
};

const fail = (test: SimpleTest, context: Parameters<Kind['test']>[2]): never => {
  throw badForm(test, text, context);
};

/** Tests of a value as a whole; undefined for those that need an order. */
export function wholeValue(value: Sql, test: SimpleTest): Sql | undefined {
  switch (test.kind) {
    case 'word':
    case 'phrase':
      return sql`lower(${value}) = lower(${test.text}::text)`;
    case 'exact':
      return sql`${value} = ${test.text}::text`;
    case 'wildcard':
      return sql`lower(${value}) like lower(${likePattern(test.pattern)}::text)`;
    case 'compare':
      return test.operator === '=' ? sql`lower(${value}) = lower(${test.value}::text)` : undefined;
    default:
      return undefined;
  }
}
