import { nearest } from '../resolve.ts';
import { badForm, badValue, valueOf, type Kind } from './kind.ts';
import { wholeValue } from './text.ts';

export const keyword: Kind = {
  type: 'keyword',
  expected: 'a whole value',
  meaning:
    'A whole value, without case. Of a field with several values one has to fit.',
  examples: ['state:running', 'tags:(prod and not web)'],
  test(value, test, context) {
    const { values } = context.field;
    const text = valueOf(test);
    if (values && text !== undefined && !values.some((known) => known.toLowerCase() === text.toLowerCase())) {
      const near = nearest(text, values);
      throw badValue(text, test, values, context, near ? `; did you mean "${near}"?` : '');
    }
    const condition = wholeValue(value, test);
    if (!condition) throw badForm(test, keyword, context);
    return condition;
  },
};
