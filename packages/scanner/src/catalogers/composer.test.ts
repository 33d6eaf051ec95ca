import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offer, wants } from './catalogue.fixtures.ts';
import { composer } from './composer.ts';

const PATH = 'var/www/vendor/composer/installed.json';
const HTTP = { name: 'symfony/http-kernel', version: 'v4.4.13', version_normalized: '4.4.13.0', license: ['MIT'], type: 'library' };
const DEV = { name: 'phpunit/phpunit', version: '9.5.0', license: ['BSD-3-Clause'], 'install-path': '../phpunit/phpunit' };

const expected = [
  { name: 'symfony/http-kernel', version: '4.4.13', type: 'composer', purl: 'pkg:composer/symfony/http-kernel@4.4.13', licenses: ['MIT'] },
  { name: 'phpunit/phpunit', version: '9.5.0', type: 'composer', purl: 'pkg:composer/phpunit/phpunit@9.5.0', licenses: ['BSD-3-Clause'] },
];

describe('Composer packages', () => {
  it('are taken from the folder "composer" of any vendor folder', () => {
    expect(wants(composer, PATH)).toBe(true);
    expect(wants(composer, 'app/lib/php/composer/installed.json')).toBe(true);
    expect(wants(composer, 'var/www/installed.json')).toBe(false);
    expect(wants(composer, 'var/www/mycomposer/installed.json')).toBe(false);
  });

  it("are read from Composer 1's list", () => {
    expect(offer(composer, PATH, JSON.stringify([HTTP, DEV]))).toEqual({ packages: expected, warnings: [] });
  });

  it("are read from Composer 2's object, development packages included", () => {
    const document = { packages: [HTTP, DEV], dev: true, 'dev-package-names': ['phpunit/phpunit'] };
    expect(offer(composer, PATH, JSON.stringify(document))).toEqual({ packages: expected, warnings: [] });
  });

  it('keep the names of branches', () => {
    const versions = ['dev-main', '1.x-dev', 'V2.0.0', 'version-x'].map(
      (version) => offer(composer, PATH, JSON.stringify([{ name: 'a/b', version }]))!.packages[0]!.version,
    );
    expect(versions).toEqual(['dev-main', '1.x-dev', '2.0.0', 'version-x']);
  });

  it('that are broken do not hide the others', () => {
    const listed = [null, 7, {}, { name: 1, version: '1' }, { name: 'a/b' }, { name: 'a'.repeat(1_000_000), version: '1' }, HTTP];
    const { packages, warnings } = offer(composer, PATH, JSON.stringify(listed))!;
    expect(packages).toEqual([expected[0]]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^name-too-long: a package name of 1000000 characters/);
  });

  it('in a broken file give a warning', () => {
    for (const text of ['', '[{"name":', '{}', '{"packages":{}}', 'null', '7']) {
      expect(offer(composer, PATH, text)!.warnings).toHaveLength(1);
      expect(offer(composer, PATH, text)!.warnings[0]).toMatch(/^composer-installed-unreadable: /);
    }
  });

  it('never make the cataloguer throw', () => {
    fc.assert(fc.property(fc.json(), (text) => void offer(composer, PATH, text)));
    const text = JSON.stringify({ packages: [HTTP, DEV] });
    fc.assert(fc.property(fc.nat(text.length), (length) => void offer(composer, PATH, text.slice(0, length))));
  });
});
