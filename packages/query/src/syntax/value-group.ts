import type { Node, Span, Test } from '../fields.ts';

/** A field or an object is named somewhere inside: the group is a condition on one object. */
function namesFields(node: Node): boolean {
  if (node.kind === 'and' || node.kind === 'or') return node.nodes.some(namesFields);
  if (node.kind === 'not') return namesFields(node.node);
  return node.kind === 'term' || node.kind === 'nested';
}

/** Values joined by `or` only. */
function asTest(node: Node): Test | undefined {
  if (node.kind === 'text') return node.test;
  if (node.kind !== 'or') return undefined;
  const tests = node.nodes.map(asTest);
  return tests.every((test) => test !== undefined) ? { kind: 'any', tests, from: node.from, to: node.to } : undefined;
}

/** Every value inside becomes a term of the field: `tags:(web and not test)` is `tags:web and not tags:test`. */
function spread(node: Node, path: string[], name: Span): Node {
  if (node.kind === 'and' || node.kind === 'or') return { ...node, nodes: node.nodes.map((inner) => spread(inner, path, name)) };
  if (node.kind === 'not') return { ...node, node: spread(node.node, path, name) };
  return node.kind === 'text' ? { kind: 'term', path, name, test: node.test, from: node.from, to: node.to } : node;
}

/** What `field:( inner )` means. `group` spans the parentheses. */
export function valueGroup(inner: Node, path: string[], name: Span, group: Span): Node {
  const span: Span = { from: name.from, to: group.to };
  if (namesFields(inner)) return { kind: 'nested', path, name, node: inner, ...span };
  const test = asTest(inner);
  if (test) return { kind: 'term', path, name, test: { ...test, ...group }, ...span };
  return { ...spread(inner, path, name), ...span };
}
