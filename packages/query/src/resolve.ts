import type { FieldInfo } from '@plimsoll/model/api';
import { distance } from 'fastest-levenshtein';
import type { Field, FieldTable, ObjectField, ScalarField, Span } from './fields.ts';
import { QueryError } from './syntax/error.ts';

/** A field and the objects around it, outermost first. */
export interface Found {
  field: Field;
  within: ObjectField[];
  /** As the table spells it: `vulnerabilities.severity` */
  name: string;
}

const same = (field: Field, name: string): boolean =>
  field.name.toLowerCase() === name || (field.aliases?.some((alias) => alias.toLowerCase() === name) ?? false);

/** A name may have dots itself, so the longest that fits is taken first. */
function find(fields: readonly Field[], path: readonly string[], within: ObjectField[]): Found | undefined {
  for (let length = path.length; length > 0; length--) {
    const name = path.slice(0, length).join('.').toLowerCase();
    for (const field of fields) {
      if (!same(field, name)) continue;
      if (length === path.length) return { field, within, name: [...within, field].map((part) => part.name).join('.') };
      const found = field.type === 'object' ? find(field.fields, path.slice(length), [...within, field]) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

/** By dotted name or its parts, without case; aliases count. */
export function resolveField(fields: readonly Field[], path: readonly string[] | string): Found | undefined {
  return find(fields, typeof path === 'string' ? path.split('.') : path, []);
}

/** The field of a dotted name; undefined when the table has none. */
export function findField(table: FieldTable, path: readonly string[] | string): Field | undefined {
  return resolveField(table.fields, path)?.field;
}

/** Every field with its dotted name, objects before what is in them. */
export function allFields(fields: readonly Field[], within: readonly ObjectField[] = []): Found[] {
  return fields.flatMap((field) => {
    const found: Found = { field, within: [...within], name: [...within, field].map((part) => part.name).join('.') };
    return field.type === 'object' ? [found, ...allFields(field.fields, [...within, field])] : [found];
  });
}

/** The candidate a person may have meant; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const far = distance(wanted, candidate.toLowerCase());
    if (far < least && far < candidate.length) [best, least] = [candidate, far];
  }
  return best;
}

function names(fields: readonly Field[]): string[] {
  return allFields(fields).flatMap(({ field, name }) => [name, ...(field.aliases ?? []).map((alias) => name.slice(0, name.length - field.name.length) + alias)]);
}

/** What to say when there is no such field. `where` names the object that was looked in. */
export function unknownField(fields: readonly Field[], path: readonly string[], span: Span, where?: string): QueryError {
  const name = path.join('.');
  // "severity" when the table has it only as `vulnerabilities.severity`.
  const deeper = allFields(fields).find((found) => found.within.length > 0 && same(found.field, name.toLowerCase()))?.name;
  const near = deeper ?? nearest(name.slice(0, 100), names(fields));
  const hint = near ? `; did you mean "${near}"?` : '; quote the text if it is a value and not a field';
  return new QueryError('query-field', `no field "${name.slice(0, 100)}"${where ? ` in "${where}"` : ''}${hint}`, span, near ? [near] : fields.map((field) => field.name));
}

/** The field that an object is asked for when none of its fields is named: `software:nginx`. */
export function mainField(object: ObjectField): ScalarField | undefined {
  const scalars = object.fields.filter((field): field is ScalarField => field.type !== 'object');
  return object.main === undefined ? scalars[0] : scalars.find((field) => field.name === object.main);
}

/** Whether rows can be put in order by it. */
export function isSortable(field: Field): field is ScalarField {
  return field.type !== 'object' && field.type !== 'label' && !field.array && field.sortable !== false;
}

/** What the fields route answers: every field by its dotted name. */
export function describeFields(table: FieldTable): FieldInfo[] {
  return allFields(table.fields).map(({ field, within, name }) => ({
    name,
    type: field.type,
    description: field.description,
    example: field.example ?? null,
    values: field.type === 'object' || !field.values ? null : [...field.values],
    sortable: within.length === 0 && isSortable(field),
    groupable: field.type !== 'object' && (field.groupable ?? false),
  }));
}
