import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeZip } from '../formats/zip.fixtures.ts';
import { offer, wants } from './catalogue.fixtures.ts';
import { python } from './python.ts';

const SITE = 'usr/lib/python3/dist-packages';
const DIST_INFO = `${SITE}/Flask_SQLAlchemy-2.5.1.dist-info/METADATA`;
const WHEEL = `Metadata-Version: 2.1
Name: Flask_SQLAlchemy
Version: 2.5.1
Summary: Adds SQLAlchemy support to your Flask application.
Home-page: https://example.org/
License: BSD-3-Clause
Classifier: License :: OSI Approved :: BSD License
Classifier: Programming Language :: Python
Requires-Python: >= 2.7
Description-Content-Type: text/x-rst
Requires-Dist: Flask (>=0.10)

Flask-SQLAlchemy
================
Name: not-this
Version: 0
`;

describe('Python packages', () => {
  it.each([
    DIST_INFO,
    `${SITE}/PyYAML-5.3.1.egg-info`,
    `${SITE}/PyYAML-5.3.1.egg-info/PKG-INFO`,
    `${SITE}/six-1.16.0-py3.9.egg/EGG-INFO/PKG-INFO`,
    `${SITE}/six-1.16.0-py3.9.egg`,
  ])('are taken from %s', (path) => {
    expect(wants(python, path)).toBe(true);
  });

  it.each(['METADATA', 'usr/share/thing/METADATA', 'src/pkg/PKG-INFO', `${SITE}/x.dist-info/PKG-INFO`, `${SITE}/x.dist-info/RECORD`])(
    'are not taken from %s',
    (path) => {
      expect(wants(python, path)).toBe(false);
    },
  );

  it('keep the spelling of their name, and have the normalised one in the purl', () => {
    expect(offer(python, DIST_INFO, WHEEL)).toEqual({
      packages: [{ name: 'Flask_SQLAlchemy', version: '2.5.1', type: 'pypi', purl: 'pkg:pypi/flask-sqlalchemy@2.5.1', licenses: ['BSD-3-Clause'] }],
      warnings: [],
    });
    const purl = offer(python, DIST_INFO, 'Name: zope.Interface__x\r\nVersion: 5.4.0+local.1\r\n\r\n')!.packages[0]!.purl;
    expect(purl).toBe('pkg:pypi/zope-interface-x@5.4.0%2Blocal.1');
  });

  it('take the licence from the expression, the field or the classifiers', () => {
    const licenses = (...lines: string[]) => offer(python, DIST_INFO, ['Name: a', 'Version: 1', ...lines, '', ''].join('\n'))!.packages[0]!.licenses;
    const classifiers = ['Classifier: License :: OSI Approved :: MIT License', 'Classifier: License :: OSI Approved :: Apache Software License'];
    expect(licenses('License-Expression: MIT OR Apache-2.0', 'License: x', ...classifiers)).toEqual(['MIT OR Apache-2.0']);
    expect(licenses('License: UNKNOWN', ...classifiers)).toEqual(['MIT License', 'Apache Software License']);
    expect(licenses('License: Copyright (c) 2020', '        All rights reserved.', ...classifiers)).toEqual(['MIT License', 'Apache Software License']);
    expect(licenses()).toBeUndefined();
  });

  it('are read from a single egg-info file and from a zipped egg', () => {
    const info = 'Metadata-Version: 1.1\nName: PyYAML\nVersion: 5.3.1\nLicense: MIT\n';
    expect(offer(python, `${SITE}/PyYAML-5.3.1.egg-info`, info)!.packages[0]).toMatchObject({ name: 'PyYAML', version: '5.3.1' });
    const egg = writeZip([{ name: 'EGG-INFO/PKG-INFO', data: info }, { name: 'yaml/__init__.py', data: '' }]);
    expect(offer(python, `${SITE}/PyYAML-5.3.1-py3.9.egg`, egg)!.packages[0]).toMatchObject({ name: 'PyYAML', version: '5.3.1' });
    expect(offer(python, `${SITE}/cut.egg`, egg.subarray(0, 60))!.warnings[0]).toMatch(/^zip-corrupt: the egg cannot be read/);
    expect(offer(python, `${SITE}/linked.egg`, 'text')).toEqual({ packages: [], warnings: [] });
  });

  it('without name or version give a warning', () => {
    expect(offer(python, DIST_INFO, '')!.warnings).toEqual(['python-metadata-unreadable: the metadata has no Name field; the package is left out']);
    expect(offer(python, DIST_INFO, 'Name: a\n\nVersion: 1\n')!.warnings).toEqual([
      'python-metadata-unreadable: the metadata has no Version field; the package is left out',
    ]);
  });

  it('with a name of a megabyte are refused', () => {
    expect(offer(python, DIST_INFO, `Name: ${'_'.repeat(200_000)}\nVersion: 1\n`)!.warnings[0]).toMatch(/^name-too-long/);
    expect(offer(python, DIST_INFO, `Name: ${'a'.repeat(1_000_000)}\nVersion: 1\n`)).toMatchObject({ packages: [], warnings: { length: 1 } });
  });

  it('never make the cataloguer throw, whatever bytes are changed or missing', () => {
    const bytes = Buffer.from(WHEEL);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }), fc.nat(bytes.length), (changes, length) => {
        const copy = Buffer.from(bytes);
        for (const [at, to] of changes) copy[at] = to;
        offer(python, DIST_INFO, copy.subarray(0, length));
      }),
    );
  });
});
