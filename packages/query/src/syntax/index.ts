/** The language without its fields and without SQL: what runs in a browser as well. */
export { hasTerm, withoutTerm, withTerm } from './edit.ts';
export { QueryError, type QueryErrorCode } from './error.ts';
export { tokenize, type Token, type TokenKind } from './lexer.ts';
export { LIMITS, parse } from './parser.ts';
export { print, quoted, quoteValue } from './print.ts';
export { CONNECTIVES, OPERATORS, VALUE_FORMS, type Form } from './reference.ts';
export type { Node, Span, Test } from '../fields.ts';
