/** What the language has, for the lexer, for documentation and for help beside the query bar. */

export interface Form {
  form: string;
  meaning: string;
  /** A query that a table of hosts, images or containers could have. */
  example: string;
}

/** Between a field and its value. All but the first two can have a colon before them: `size:>5`. */
export const OPERATORS: readonly Form[] = [
  { form: ':', meaning: 'has the value: what that means depends on the field’s type', example: 'severity:5' },
  { form: '!=', meaning: 'does not have the whole value; the same as `not field=value`', example: 'state!=running' },
  { form: '=', meaning: 'has the whole value, compared without case', example: 'title="web front-end"' },
  { form: '<', meaning: 'less, earlier, an older version', example: 'version<2.17.1' },
  { form: '<=', meaning: 'less or the same', example: 'created<=2026-01-31' },
  { form: '>', meaning: 'more, later, a newer version', example: 'created>now-30d' },
  { form: '>=', meaning: 'more or the same', example: 'size>=100MB' },
];

/** Between terms, lowest precedence first. */
export const CONNECTIVES: readonly Form[] = [
  { form: 'or', meaning: 'at least one holds', example: 'state:running or state:paused' },
  { form: 'and', meaning: 'both hold; can be left out', example: 'state:running and severity:5' },
  { form: 'not', meaning: 'does not hold; true as well where the field has no value', example: 'not state:running' },
  { form: '( )', meaning: 'a group', example: '(state:running or state:paused) and severity:5' },
];

/** What can stand after an operator. */
export const VALUE_FORMS: readonly Form[] = [
  { form: 'word', meaning: 'up to the next white space, bracket or quote; a backslash takes the next character as it is', example: 'provider:AWS' },
  { form: '"quoted phrase"', meaning: 'may have white space and brackets; in texts, words side by side. `\\"` is a quote', example: 'title:"web front-end"' },
  { form: '`backticks`', meaning: 'exactly this value, as a whole and with case', example: 'provider:`AWS`' },
  { form: '* and ?', meaning: 'in a word: any characters, one character; up to 8 of them', example: 'title:nginx*' },
  { form: '*', meaning: 'alone: the field has a value', example: 'provider:*' },
  { form: '[a, b]', meaning: 'one of these values', example: 'severity:[4, 5]' },
  { form: '(a or b)', meaning: 'values joined by and, or, not; comparisons can be among them', example: 'provider:(AWS or Azure or GCP)' },
  { form: '[a .. b]', meaning: 'from a to b, both included', example: 'severity:[3 .. 5]' },
  { form: '(a .. b)', meaning: 'between a and b, both excluded; the brackets can be mixed', example: 'size:(5kB .. 100MB]' },
  { form: '[a .. ] and [ .. b]', meaning: 'open at one end', example: 'created:[now-7d .. ]' },
  { form: 'object:(…)', meaning: 'one and the same object fulfils the whole condition; `object.field:…` asks each for itself', example: 'software:(name:log4j-core and version<2.17.1)' },
];
