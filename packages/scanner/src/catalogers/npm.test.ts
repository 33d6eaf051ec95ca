import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeZip } from '../formats/zip.fixtures.ts';
import { offer, wants } from './catalogue.fixtures.ts';
import { npm } from './npm.ts';

const LODASH = 'app/node_modules/lodash/package.json';
const json = (value: unknown) => JSON.stringify(value);

describe('npm packages', () => {
  it.each([
    'node_modules/lodash/package.json',
    'usr/local/lib/node_modules/npm/package.json',
    'usr/local/lib/node_modules/npm/node_modules/@npmcli/arborist/package.json',
    'app/node_modules/.pnpm/lodash@4.17.21/node_modules/lodash/package.json',
    'app/node_modules/.pnpm/@babel+core@7.0.0/node_modules/@babel/core/package.json',
  ])('are taken from %s', (path) => {
    expect(wants(npm, path)).toBe(true);
  });

  it.each([
    'package.json',
    'app/package.json',
    'app/node_modules/package.json',
    'app/node_modules/@babel/package.json',
    'app/node_modules/lodash/fp/package.json',
    'app/node_modules/@babel/core/lib/package.json',
    'app/node_modules/uuid/dist/cjs/package.json',
    'app/my_node_modules/lodash/package.json',
    'app/my_node_modules/@babel/core/package.json',
    'app/node_modules/.cache/package.json',
    'app/node_modules/lodash/package-lock.json',
    'app/@scope/name/package.json',
    'app/downloads/lodash.zip',
  ])('are not taken from %s', (path) => {
    expect(wants(npm, path)).toBe(false);
  });

  it('have name, version, purl and licence', () => {
    expect(offer(npm, LODASH, json({ name: 'lodash', version: '4.17.11', license: 'MIT', main: 'lodash.js' }))).toEqual({
      packages: [{ name: 'lodash', version: '4.17.11', type: 'npm', purl: 'pkg:npm/lodash@4.17.11', licenses: ['MIT'] }],
      warnings: [],
    });
  });

  it('may be scoped', () => {
    const [found] = offer(npm, 'node_modules/@babel/core/package.json', json({ name: '@babel/core', version: '7.1.0-rc.1' }))!.packages;
    expect(found).toEqual({ name: '@babel/core', version: '7.1.0-rc.1', type: 'npm', purl: 'pkg:npm/%40babel/core@7.1.0-rc.1' });
  });

  it('may state their licence in the old ways', () => {
    const licenses = (extra: object) => offer(npm, LODASH, json({ name: 'a', version: '1.0.0', ...extra }))!.packages[0]!.licenses;
    expect(licenses({ license: { type: 'BSD', url: 'x' } })).toEqual(['BSD']);
    expect(licenses({ licenses: [{ type: 'MIT' }, { type: 'GPL' }, 7, null] })).toEqual(['MIT', 'GPL']);
    expect(licenses({ license: '(MIT OR Apache-2.0)' })).toEqual(['(MIT OR Apache-2.0)']);
    expect(licenses({ license: 7 })).toBeUndefined();
  });

  it('lose the "v" and "=" that npm drops, and a byte order mark', () => {
    expect(offer(npm, LODASH, `\ufeff${json({ name: 'a', version: 'v1.2.3' })}`)!.packages[0]!.version).toBe('1.2.3');
    expect(offer(npm, LODASH, json({ name: 'a', version: '=1.2.3' }))!.packages[0]!.version).toBe('1.2.3');
  });

  it('are read from the zips of a Yarn cache', () => {
    const zip = writeZip([
      { name: 'node_modules/lodash/package.json', data: json({ name: 'lodash', version: '4.17.21' }) },
      { name: 'node_modules/lodash/fp/package.json', data: json({ name: 'fp', version: '1.0.0' }) },
    ]);
    const path = 'app/.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip';
    expect(offer(npm, path, zip)).toEqual({
      packages: [
        { name: 'lodash', version: '4.17.21', type: 'npm', purl: 'pkg:npm/lodash@4.17.21', nestedPath: `${path}!/node_modules/lodash/package.json` },
      ],
      warnings: [],
    });
    expect(offer(npm, path, 'PK')!.warnings[0]).toMatch(/^zip-corrupt: the archive cannot be read/);
  });

  it('without a version are passed over in silence', () => {
    expect(offer(npm, LODASH, json({ name: 'private-app', private: true }))).toEqual({ packages: [], warnings: [] });
    expect(offer(npm, LODASH, json({ name: 'a', version: 1 }))).toEqual({ packages: [], warnings: [] });
  });

  it('with a broken manifest give a warning', () => {
    for (const text of ['', '{"name":"a","version":', '[]', 'null', '"text"']) {
      expect(offer(npm, LODASH, text)).toEqual({
        packages: [],
        warnings: ['npm-manifest-unreadable: package.json is not a JSON object; the package is left out'],
      });
    }
  });

  it('with a name of a megabyte, or none that a purl can hold, are refused in one short line', () => {
    const code = (manifest: object) => {
      const [warning] = offer(npm, LODASH, json(manifest))!.warnings;
      expect(warning!.length).toBeLessThan(300);
      return warning!.split(':')[0];
    };
    expect(code({ name: 'a'.repeat(1_000_000), version: '1.0.0' })).toBe('name-too-long');
    expect(code({ name: 'a', version: '1'.repeat(1000) })).toBe('version-too-long');
    expect(code({ name: 'a\nb', version: '1.0.0' })).toBe('name-invalid');
    expect(code({ name: 'a', version: '1\u009b31m' })).toBe('name-invalid');
    expect(code({ name: 'a\u202eb', version: '1.0.0' })).toBe('name-invalid');
    expect(code({ name: '\ud800', version: '1.0.0' })).toBe('name-invalid');
    expect(offer(npm, LODASH, ' '.repeat(2 << 20))!.warnings[0]).toMatch(/^file-too-large/);
  });

  it('never make the cataloguer throw', () => {
    const nasty = fc.oneof(
      fc.json(),
      fc.record({ name: fc.anything(), version: fc.anything(), license: fc.anything() }).map((value) => JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)) ?? ''),
      fc.record({ name: fc.string({ unit: 'binary' }), version: fc.string({ unit: 'binary' }) }).map(json),
    );
    fc.assert(
      fc.property(nasty, fc.nat(60), (text, cut) => {
        offer(npm, LODASH, text);
        offer(npm, LODASH, text.slice(0, -cut));
      }),
    );
    expect(offer(npm, LODASH, '['.repeat(500_000))!.packages).toEqual([]);
    const polluted = offer(npm, LODASH, '{"__proto__":{"version":"6.6.6"},"name":"a"}')!;
    expect(polluted.packages).toEqual([]);
  });
});
