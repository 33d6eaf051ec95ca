import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Field, FieldTable, Node, ObjectField, ScalarField, Span, Test } from './fields.ts';
import { mainField, resolveField, unknownField, type Found } from './resolve.ts';
import { QueryError } from './syntax/error.ts';
import { parse } from './syntax/parser.ts';
import { KINDS } from './types/index.ts';
import { text as textKind } from './types/text.ts';

/** A condition, and whether it can be null: `not` has to treat null as false, and only then costs an index. */
interface Condition {
  sql: Sql;
  nullable: boolean;
}

const never = (condition: Sql): Condition => ({ sql: condition, nullable: false });

class Compiler {
  readonly now: Date;
  readonly table: FieldTable;

  constructor(table: FieldTable, now: Date) {
    this.table = table;
    this.now = now;
  }

  /** `object` is what encloses the node; fields are looked for in it. */
  node(node: Node, object?: ObjectField): Condition {
    switch (node.kind) {
      case 'all':
        return never(sql`true`);
      case 'and':
      case 'or': {
        const conditions = node.nodes.map((inner) => this.node(inner, object));
        return { sql: join(conditions.map((condition) => condition.sql), ` ${node.kind} `, '(', ')'), nullable: conditions.some((condition) => condition.nullable) };
      }
      case 'not': {
        const condition = this.node(node.node, object);
        return never(condition.nullable ? sql`((${condition.sql}) is not true)` : sql`(not ${condition.sql})`);
      }
      case 'term':
        return this.term(this.find(node.path, node.name, object), node.test, node.name);
      case 'nested': {
        const found = this.find(node.path, node.name, object);
        if (found.field.type !== 'object') {
          throw new QueryError('query-field', `"${found.name}" has no fields of its own; quote a value that has ":", "<", ">" or "=" in it`, node.name, ['a value']);
        }
        return wrap(found.within, never(found.field.match(this.node(node.node, found.field).sql)));
      }
      case 'text':
        return object ? this.term({ field: object, within: [], name: object.name }, node.test, node, true) : this.freeText(node.test);
    }
  }

  private find(path: readonly string[], name: Span, object: ObjectField | undefined): Found {
    const fields: readonly Field[] = object?.fields ?? this.table.fields;
    const found = resolveField(fields, path);
    if (!found) throw unknownField(fields, path, name, object?.name);
    return found;
  }

  /** `inside`: the row is the object itself already, and not what has it. */
  private term({ field, within, name }: Found, test: Test, span: Span, inside = false): Condition {
    if (field.type !== 'object') return wrap(within, this.test(field, name, test));
    if (test.kind === 'exists') return wrap(within, never(inside ? sql`true` : field.match(sql`true`)));
    const main = mainField(field);
    if (!main) {
      const names = field.fields.map((inner) => inner.name);
      throw new QueryError('query-field', `"${name}" is an object; ask for one of its fields, such as "${name}.${names[0] ?? ''}"`, span, names);
    }
    const condition = this.test(main, `${name}.${main.name}`, test);
    return inside ? condition : wrap([...within, field], condition);
  }

  private test(field: ScalarField, name: string, test: Test, kind = KINDS[field.type]): Condition {
    const shortcut = (): Sql | undefined => (kind === KINDS[field.type] ? field.shortcut?.(test) : undefined);
    const expression = raw(`(${field.sql})`);
    if (test.kind === 'any') {
      const tests = test.tests.map((inner) => this.test(field, name, inner, kind));
      const whole = shortcut();
      if (whole) return { sql: whole, nullable: true };
      return { sql: join(tests.map((inner) => inner.sql), ' or ', '(', ')'), nullable: tests.some((inner) => inner.nullable) };
    }
    if (test.kind === 'exists') {
      const whole = shortcut();
      if (whole) return { sql: whole, nullable: true };
      if (field.array) return never(sql`(coalesce(cardinality(${expression}), 0) > 0)`);
      return never(kind.exists?.(expression) ?? sql`(${expression} is not null)`);
    }
    const context = { now: this.now, field, name };
    const general = field.array
      ? never(sql`exists (select from unnest(${expression}) as element (value) where ${kind.test(raw('element.value'), test, context)})`)
      : { sql: kind.test(expression, test, context), nullable: true };
    const short = shortcut();
    return short ? { sql: short, nullable: true } : general;
  }

  /** A value without a field: any of the table's free text fields, all taken as text. */
  private freeText(test: Test): Condition {
    if (test.kind === 'exists') return never(sql`true`);
    const conditions: Condition[] = [];
    for (const name of this.table.freeText) {
      const found = resolveField(this.table.fields, name);
      if (!found || found.field.type === 'object') throw new TypeError(`free text field ${name} of ${this.table.entity} is none of its scalar fields`);
      const kind = found.field.type === 'keyword' || found.field.type === 'text' ? textKind : KINDS[found.field.type];
      try {
        conditions.push(wrap(found.within, this.test(found.field, found.name, test, kind)));
      } catch (error) {
        // A word that is no address is not looked for among the addresses.
        if (!(error instanceof QueryError)) throw error;
      }
    }
    if (conditions.length === 0) {
      throw new QueryError('query-field', `a value without a field cannot be looked for in ${this.table.entity}; name a field`, test, ['a field']);
    }
    return { sql: join(conditions.map((condition) => condition.sql), ' or ', '(', ')'), nullable: conditions.some((condition) => condition.nullable) };
  }
}

function wrap(within: readonly ObjectField[], condition: Condition): Condition {
  return within.reduceRight((inner, object) => never(object.match(inner.sql)), condition);
}

/**
 * A condition on one row of the table, for `where`: all values are parameters. Null counts as false, and rows where
 * a field is null are found by `not`. Throws QueryError where the query names what the table does not have.
 */
export function compile(node: Node, table: FieldTable, options: { now: Date }): Sql {
  return new Compiler(table, options.now).node(node).sql;
}

/** Parses a query and sees that the table has all that it names; throws QueryError otherwise. */
export function check(text: string, table: FieldTable): Node {
  const node = parse(text);
  compile(node, table, { now: new Date() });
  return node;
}
