import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FEEDS, SCHEMES } from '../packages/advisories/src/index.ts';
import { ANALYSIS_OPTIONS } from '../packages/cli/src/analysis.ts';
import { COMMANDS } from '../packages/cli/src/commands/index.ts';
import { FORMATS } from '../packages/report/src/formats/index.ts';
import { CATALOGERS } from '../packages/scanner/src/catalogers/index.ts';
import { KNOWN_PROGRAMS } from '../packages/scanner/src/catalogers/programs/index.ts';
import { POSTURE_RULES } from '../packages/scanner/src/posture/rules/index.ts';
import { SECRET_RULES } from '../packages/scanner/src/secrets/rules/index.ts';
import { SOURCES } from '../packages/scanner/src/sources/index.ts';

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
    const thrown = sourcesBelow('packages').flatMap((file) => [...read(file).matchAll(/new InputError\(\s*'([a-z0-9-]+)'/g)].map((match) => match[1]!));
    expect(thrown.length).toBeGreaterThan(50);
    const documented = ['## Reference and options', '## Engine and registry', '## Image content', '## Advisory database'].flatMap((heading) =>
      firstCells('docs/troubleshooting.md', heading).flatMap((cell) => cell.split(', ')),
    );
    expect(sorted(documented)).toEqual(sorted(thrown));
  });
});

describe('the README', () => {
  it('shows every command but demo, which npm start runs', () => {
    const readme = read('README.md');
    for (const { name } of COMMANDS) if (name !== 'demo') expect(readme).toContain(`npx plimsoll ${name} `);
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

function readdirOrFile(path: string): unknown {
  return path.endsWith('/') || !/\.\w+$/.test(path) ? readdirSync(join(ROOT, path)) : read(path);
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('src') && name.endsWith('.ts') && !/\.(?:test|fixtures)\.ts$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}
