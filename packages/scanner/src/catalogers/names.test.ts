import { describe, expect, it } from 'vitest';
import { offer } from './catalogue.fixtures.ts';
import { excerpt } from './names.ts';
import { npm } from './npm.ts';
import { toOsPackage } from './os-package.ts';

/** Escape, delete, the one-byte form of "escape [", and the mark that writes from right to left. */
const HOSTILE = ['\u001b[2J', '\u007f', '\u009b2J', '\u202e'];

describe('what a terminal would obey', () => {
  it.each(HOSTILE)('is not in an excerpt: %j', (text) => {
    expect(excerpt(`a${text}b`)).toMatch(/^[ -~]+$/);
  });

  it.each(HOSTILE)('is not in a package name, nor in the warning about it: %j', (text) => {
    const warnings: string[] = [];
    const found = toOsPackage({ type: 'deb', name: `bash${text}`, version: '1' }, { warn: (_code, message) => warnings.push(message) });
    expect(found).toBeUndefined();
    const listed = offer(npm, 'usr/lib/node_modules/a/package.json', JSON.stringify({ name: `a${text}`, version: '1.0.0' }));
    expect(listed?.packages).toEqual([]);
    for (const warning of [...warnings, ...listed!.warnings]) expect(warning).toMatch(/^[ -~\u2026]+$/);
    expect(warnings).toHaveLength(1);
  });
});
