import { LIMITS } from './syntax/parser.ts';
import { CONNECTIVES, OPERATORS, VALUE_FORMS, type Form } from './syntax/reference.ts';
import { KINDS } from './types/index.ts';

/** Code in a table's cell: `|` would end the cell. */
function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${fence === '``' ? ` ${text} ` : text}${fence}`.replaceAll('|', '\\|');
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const formTable = (head: string, forms: readonly Form[]): string =>
  table([head, 'meaning', 'example'], forms.map(({ form, meaning, example }) => [code(form), meaning, code(example)]));

/** The tokens of the language and what values of each type are, as Markdown tables. */
export function tokenTable(): string {
  return [
    '### Between terms\n',
    `${formTable('token', CONNECTIVES)}\n`,
    '### Between a field and its value\n',
    `${formTable('operator', OPERATORS)}\n`,
    'All but `:` and `!=` can have a colon before them: `size:>5`. White space around an operator does not matter.\n',
    '### Values\n',
    `${formTable('form', VALUE_FORMS)}\n`,
    '### Types of fields\n',
    table(['type', 'how its values are compared', 'examples'], Object.values(KINDS).map(({ type, meaning, examples }) => [type, meaning, examples.map(code).join(', ')])),
  ].join('\n');
}

const quotedList = (forms: readonly Form[]): string => forms.map(({ form }) => `"${form}"`).join(' | ');

function grammar(): string {
  const comparisons = OPERATORS.filter(({ form }) => form !== ':' && form !== '!=');
  return `query      = [ or ] ;
or         = and , { "or" , and } ;
and        = not , { [ "and" ] , not } ;
not        = "not" , not | primary ;
primary    = term | value | "(" , or , ")" ;
term       = name , ":" , ( value | list | range | group )
           | name , compare , single
           | name , "!=" , single ;
group      = "(" , or , ")" ;            (* of values, or a condition on one object when a field is named in it *)
list       = "[" , value , { "," , value } , "]" ;
range      = ( "[" | "(" ) , [ single ] , ".." , [ single ] , ( "]" | ")" ) ;   (* one end at least *)
value      = single | wildcard | "*" ;
single     = word | phrase | exact ;
compare    = [ ":" ] , ( ${quotedList(comparisons)} ) ;
phrase     = '"' , { character | "\\" , character } , '"' ;
exact      = "\`" , { character | "\\" , character } , "\`" ;
wildcard   = word with "*" or "?" in it ;
word       = { character | "\\" , character } ;   (* up to white space, a bracket or a quote; in lists, ranges and
                                                    groups of values also up to "," and ".." *)
name       = part , { "." , part } ;
part       = ( letter | "_" ) , { letter | digit | "_" | "-" } ;`;
}

/** The language part of the documentation. */
export function grammarMarkdown(): string {
  return `# Query language

Made from the code by \`packages/query/src/reference.test.ts\`; the fields of each table are in [query-fields.md](query-fields.md).

A query is a condition on the rows of a table: hosts, images, containers, registries, packages, vulnerabilities, events. The empty query
finds all. A term is a field, an operator and a value: \`severity:5\`. Names of fields and the words and, or, not are read without case. A
value without a field is looked for in the fields that name a thing, by words.

## Tokens

${tokenTable()}

## Grammar

In EBNF (ISO 14977); \`and\` binds closer than \`or\`, and \`not\` closest.

\`\`\`ebnf
${grammar()}
\`\`\`

A name is one only when an operator follows it. In a group of values a comparison may stand without a field: \`size:(<1kB or >1GB)\`.

## Where a field has no value

A comparison with a field that has no value does not hold, so \`not state:running\` finds rows without a state as well. \`field:*\` asks
whether there is a value, \`not field:*\` whether there is none.

## Objects

\`software:(name:log4j-core and version<2.17.1)\` finds what has one package that is both.
\`software.name:log4j-core and software.version<2.17.1\` finds what has a package of that name and a package, maybe another one, with such
a version. \`software:nginx\` asks for the object’s main field, its name.

## Errors

An error names the character, what stands there and what is expected instead: \`Character 1: no field "severty"; did you mean "severity"?\`.
Codes: \`query-syntax\`, \`query-field\`, \`query-value\`.

## Limits

${LIMITS.characters} characters, ${LIMITS.depth} levels of parentheses and \`not\`, ${LIMITS.terms} values, ${LIMITS.wildcards} wildcards in a value.
`;
}
