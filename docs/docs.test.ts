import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FEEDS, SCHEMES } from '../packages/advisories/src/index.ts';
import { ANALYSIS_OPTIONS } from '../packages/cli/src/analysis.ts';
import { COMMANDS } from '../packages/cli/src/commands/index.ts';
import { CHANGE_CAUSES, ENTITIES, PERMISSIONS, ROLES, ROUTES, SCAN_STATES, widget, type EntityName } from '../packages/model/src/api/index.ts';
import { check, describeFields } from '../packages/query/src/index.ts';
import { FORMATS } from '../packages/report/src/formats/index.ts';
import { CATALOGERS } from '../packages/scanner/src/catalogers/index.ts';
import { KNOWN_PROGRAMS } from '../packages/scanner/src/catalogers/programs/index.ts';
import { POSTURE_RULES } from '../packages/scanner/src/posture/rules/index.ts';
import { SECRET_RULES } from '../packages/scanner/src/secrets/rules/index.ts';
import { SOURCES } from '../packages/scanner/src/sources/index.ts';
import { ROLE_PERMISSIONS } from '../packages/server/src/access/permissions.ts';
import { entityFor } from '../packages/server/src/entities/index.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The section below a heading, up to the next heading of the same or a higher level. */
function section(path: string, heading: string): string {
  const lines = read(path).split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`${path} has no heading ${heading}`);
  const level = heading.indexOf(' ');
  const end = lines.findIndex((line, i) => i > start && /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start, end < 0 ? undefined : end).join('\n');
}

/** The rows of the tables in a text, as cells without backticks; heads and rules left out. */
function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replaceAll('`', '')))
    .slice(1);
}

const firstCells = (path: string, heading: string): string[] => rows(section(path, heading)).map(([cell]) => cell!);
const sorted = (items: readonly string[]): string[] => [...new Set(items)].sort();

describe('the tables in docs/ name what the code lists, no less and no more', () => {
  it('cataloguers', () => {
    expect(sorted(firstCells('docs/packages.md', '## Cataloguers'))).toEqual(sorted(CATALOGERS.map((c) => c.name)));
  });

  it('known programs', () => {
    expect(sorted(firstCells('docs/packages.md', '## Known programs'))).toEqual(sorted(KNOWN_PROGRAMS.map((p) => p.name)));
  });

  it('version orders and their ecosystems', () => {
    const documented = rows(section('docs/packages.md', '## Version orders')).map(([name, ecosystems]) => `${name}: ${ecosystems}`);
    expect(sorted(documented)).toEqual(sorted(SCHEMES.map((s) => `${s.name}: ${s.ecosystems.join(', ')}`)));
  });

  it.each([
    ['secret rules', '### Rules', SECRET_RULES],
    ['posture rules', '## Habits', POSTURE_RULES],
  ] as const)('%s with title and severity', (_kind, heading, rules) => {
    const documented = rows(section('docs/secrets-and-posture.md', heading)).map((cells) => cells.join(' | '));
    expect(sorted(documented)).toEqual(sorted(rules.map((rule) => `${rule.id} | ${rule.title} | ${rule.severity}`)));
  });

  it('prefixes of references', () => {
    const prefixes = sorted(SOURCES.map((source) => `${source.scheme}:`));
    expect(sorted(firstCells('docs/scan.md', '## What REF may be'))).toEqual(prefixes);
    expect(sorted(rows(section('README.md', '## Scan')).flatMap(([, prefix]) => prefix!))).toEqual(prefixes);
  });

  it('formats', () => {
    expect(sorted(firstCells('README.md', '## Results'))).toEqual(sorted(FORMATS.map((format) => format.name)));
  });

  it('error codes', () => {
    const thrown = errorCodes();
    expect(thrown.length).toBeGreaterThan(150);
    const headings = ['Reference and options', 'Engine and registry', 'Image content', 'Advisory database', 'Server', 'Sensor', 'Query', 'Answers of the API'];
    const documented = headings.flatMap((heading) => firstCells('docs/troubleshooting.md', `## ${heading}`).flatMap((cell) => cell.split(', ')));
    expect(sorted(documented.filter((code) => code !== 'code'))).toEqual(sorted(thrown));
  });

  it('roles and what each may', () => {
    const documented = rows(section('docs/access.md', '## Roles'));
    expect(documented.slice(0, ROLES.length).map(([role]) => role)).toEqual([...ROLES]);
    const held = documented.slice(ROLES.length + 1).map(([permission, , ...cells]) => [permission, ...cells]);
    expect(held).toEqual(PERMISSIONS.map((permission) => [permission, ...ROLES.map((role) => (ROLE_PERMISSIONS[role].includes(permission) ? 'yes' : 'no'))]));
  });

  it.each([
    ['scan states', 'docs/coverage.md', '## Scan states', SCAN_STATES],
    ['causes of changes', 'docs/coverage.md', '## Why findings appear and go', CHANGE_CAUSES],
    ['kinds of widgets', 'docs/dashboards.md', '# Dashboards', widget.shape.kind.options],
  ] as const)('%s', (_what, path, heading, names) => {
    expect(sorted(firstCells(path, heading).flatMap((cell) => cell.split(', ')))).toEqual(sorted(names));
  });

  it('routes', () => {
    const named = pages().flatMap((page) => [...read(page).matchAll(/\/api\/v1\/[\w{}$/.-]*[\w}]/g)].map(([path]) => path.replace(/\{\w+\}|\$\w+/g, '{}')));
    const paths = Object.values(ROUTES).map(({ path }) => path.replace(/\{\w+\}/g, '{}'));
    expect(named.length).toBeGreaterThan(10);
    for (const path of named) expect(paths.some((known) => sameRoute(path, known)), path).toBe(true);
  });
});

describe('the fields that queries can name', () => {
  it('are in docs/query-fields.md, which this test writes with --update', async () => {
    await expect(fieldsMarkdown()).toMatchFileSnapshot('query-fields.md');
  });

  const examples = [...rows(section('README.md', '## Find')), ...rows(section('docs/search.md', '## By example')), ...rows(section('docs/tags.md', '# Tags'))];
  it.each(examples.map(([entity, query]) => [entity as EntityName, query!] as const))('an example over %s: %s', (entity, query) => {
    expect(ENTITIES).toContain(entity);
    expect(() => check(query, entityFor(entity, null).table)).not.toThrow();
  });
});

describe('the README', () => {
  it('shows every command', () => {
    const readme = read('README.md');
    for (const { name } of COMMANDS) expect(readme).toContain(`npx plimsoll ${name} `);
  });

  it.each([
    ['server', 'docs/start-the-server.md'],
    ['sensor', 'docs/sensors.md'],
  ])('has every option of %s explained in %s', async (name, page) => {
    const { help } = await COMMANDS.find((command) => command.name === name)!.load();
    const options = [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option!);
    expect(options.length).toBeGreaterThan(5);
    for (const option of [...options, ...(help.match(/\b(?:PLIMSOLL|DATABASE)_[A-Z_]+\b/g) ?? [])]) expect(read(page)).toContain(option);
  });

  it('uses no option that the commands do not have', async () => {
    const helps = (await Promise.all(COMMANDS.map((command) => command.load()))).map(({ help }) => help).join('\n');
    const used = pages().flatMap((page) => [...read(page).matchAll(/npx plimsoll (?:[^\n`]|\\\n)*/g)].flatMap(([line]) => line.match(/--[a-z-]+/g) ?? []));
    expect(used.length).toBeGreaterThan(10);
    for (const option of new Set(used)) if (option !== '--version') expect(helps).toContain(option);
  });

  it.each(Object.keys(ANALYSIS_OPTIONS))('or a page of docs/ explains --%s', (option) => {
    expect(pages().some((page) => read(page).includes(`--${option}`))).toBe(true);
  });
});

describe('links between pages', () => {
  it('lead to files and headings that are there', () => {
    const broken = pages().flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g)].flatMap(([, path, anchor]) => {
        const target = path === '' ? page : join(page, '..', path!);
        try {
          const text = read(target);
          if (anchor === undefined || anchorsOf(text).includes(anchor)) return [];
        } catch {
          // Told below.
        }
        return [`${page} → ${path}${anchor === undefined ? '' : `#${anchor}`}`];
      }),
    );
    expect(broken).toEqual([]);
  });
});

describe('the pages that a contributor follows', () => {
  it('name folders and files that are there', () => {
    const named = ['ARCHITECTURE.md', 'CONTRIBUTING.md'].flatMap((page) => [...read(page).matchAll(/`((?:packages|docs|scripts|bin|bench|e2e)\/[\w./-]*)`/g)].map((match) => match[1]!));
    expect(named.length).toBeGreaterThan(10);
    for (const path of new Set(named)) expect(() => readdirOrFile(path)).not.toThrow();
  });

  it('cover every feed and every package', () => {
    expect(FEEDS.length).toBeGreaterThan(0);
    const architecture = read('ARCHITECTURE.md');
    for (const name of readdirSync(join(ROOT, 'packages'))) expect(architecture).toContain(`packages/${name}`);
  });
});

function pages(): string[] {
  const ours = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'ARCHITECTURE.md', 'bench/README.md'];
  return [...ours, ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
}

/** Anchors as forges make them of headings: lower case, spaces to hyphens, other marks dropped. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!.toLowerCase().replace(/[^\p{L}\p{N} -]/gu, '').replaceAll(' ', '-'));
}

/** `/api/v1/sensor` and `/api/v1/sensor/` stand for all below; examples put ids where the routes have braces. */
function sameRoute(named: string, route: string): boolean {
  const [some, all] = [named.split('/'), route.split('/')];
  return some.length <= all.length && some.every((part, index) => part === all[index] || all[index] === '{}') && (some.length === all.length || named.endsWith('/sensor'));
}

/** Codes of all errors that a person may meet: thrown by the commands, and answered by the API. */
function errorCodes(): string[] {
  const texts = sourcesBelow('packages').map(read);
  const found = (pattern: RegExp) => texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1]!));
  const problems = read('packages/server/src/http/problems.ts');
  return [
    ...found(/new (?:InputError|QueryError)\(\s*'([a-z0-9-]+)'/g),
    ...found(/new HttpProblem\(\s*\w+,\s*'([a-z0-9-]+)'/g),
    // The code is the last argument of the helpers, or what they say without one.
    ...found(/\b(?:badRequest|unauthenticated|forbidden|notFound|conflict|tooMany)\([^;]*?, '([a-z0-9-]+)'\)/g),
    ...[...problems.matchAll(/code = '([a-z0-9-]+)'/g), ...problems.matchAll(/\[4\d\d, '([a-z0-9-]+)'/g)].map((match) => match[1]!),
  ];
}

function fieldsMarkdown(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const sections = ENTITIES.map((name) => {
    const { table } = entityFor(name, null);
    const lines = describeFields(table).map(({ name: field, type, description, example, values, sortable, groupable }) => {
      const marks = [sortable ? 'sort' : '', groupable ? 'group' : ''].filter((mark) => mark !== '').join(', ');
      const meaning = values?.some((value) => !description.includes(value)) ? `${description.replace(/:.*/, '')}: ${values.join(', ')}` : description;
      return `| \`${field}\` | ${type} | ${cell(meaning)} | ${example === null ? '' : `\`${cell(example)}\``} | ${marks} |`;
    });
    const free = table.freeText.map((field) => `\`${field}\``).join(', ');
    return `## ${name[0]!.toUpperCase()}${name.slice(1)}\n\n${free === '' ? '' : `Words without a field are looked for in ${free}.\n\n`}| field | type | what | example | |\n| --- | --- | --- | --- | --- |\n${lines.join('\n')}\n`;
  });
  return `# Fields of the query language\n\nMade from the code by \`docs/docs.test.ts\`. [query-language.md](query-language.md) says how each type is compared. Rows can be sorted by fields marked\nsort, and grouped by those marked group. Examples of fields within an object go into its brackets: \`software:(version<2.17.1)\`.\n\n${sections.join('\n')}`;
}

function readdirOrFile(path: string): unknown {
  return path.endsWith('/') || !/\.\w+$/.test(path) ? readdirSync(join(ROOT, path)) : read(path);
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('src') && name.endsWith('.ts') && !/\.(?:test|fixtures)\.ts$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}
