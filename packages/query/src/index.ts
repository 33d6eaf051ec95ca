export * from './syntax/index.ts';
export { check, compile } from './compile.ts';
export { complete, type Completion } from './completion/complete.ts';
export type { KnownValue } from './completion/values.ts';
export { describeFields, findField, resolveField, type Found } from './resolve.ts';
export { grammarMarkdown, tokenTable } from './reference.ts';
export { sortBy } from './sort.ts';
export { SEVERITY_NAMES } from './types/severity.ts';
export type { Field, FieldTable, FieldType, ObjectField, ScalarField } from './fields.ts';
