import sql from 'sql-template-tag';
import { badForm, badValue, valueOf, type Kind } from './kind.ts';

const WORDS: ReadonlyMap<string, boolean> = new Map([['true', true], ['yes', true], ['false', false], ['no', false]]);
const EXPECTED = 'true or false';

export const boolean: Kind = {
  type: 'boolean',
  expected: EXPECTED,
  meaning:
    'true, false, yes, no.',
  examples: ['isDockerHost:true'],
  test(value, test, context) {
    const text = test.kind === 'compare' && test.operator !== '=' ? undefined : valueOf(test);
    if (text === undefined) throw badForm(test, boolean, context);
    const wanted = WORDS.get(text.trim().toLowerCase());
    if (wanted === undefined) throw badValue(text, test, EXPECTED, context);
    return sql`${value} = ${wanted}::boolean`;
  },
};
