import { describe, expect, it } from 'vitest';
import { readOsvRecord } from './osv.ts';

const read = (json: Record<string, unknown>, family = 'npm') => readOsvRecord(json, family).record;
const affected = (ecosystem: string, more: object = {}, fixed = '2') => ({
  package: { ecosystem, name: 'p' },
  ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
  ...more,
});

describe('reading an OSV record', () => {
  it('sorts ids into CVEs and other names', () => {
    const record = read({ id: 'GHSA-1', aliases: ['CVE-2020-1234', 'PYSEC-1', 'GHSA-1'], related: ['CVE-2020-9999'] });
    expect(record).toMatchObject({ id: 'GHSA-1', cves: ['CVE-2020-1234'], aliases: ['PYSEC-1'] });
    expect(read({ id: 'CVE-2021-44228' }).cves).toEqual(['CVE-2021-44228']);
  });

  it('takes upstream ids as the flaws of a distribution record', () => {
    const record = read({ id: 'CGA-1', upstream: ['CVE-2020-1234', 'GHSA-2', 'CVE-2020-1234'] }, 'Wolfi');
    expect(record).toMatchObject({ cves: ['CVE-2020-1234'], aliases: ['GHSA-2'] });
  });

  it('takes the severity word from the title of an Alma erratum, and its related CVEs as fixed', () => {
    const json = { id: 'ALSA-2024:1', summary: 'Moderate: curl security update', related: ['CVE-2020-1234'] };
    expect(read(json, 'AlmaLinux')).toMatchObject({ vendorSeverity: 'Moderate', cves: ['CVE-2020-1234'] });
    expect(read({ ...json, summary: 'Moderate concerns: none' }, 'AlmaLinux').vendorSeverity).toBeUndefined();
    expect(read(json, 'RubyGems')).not.toHaveProperty('vendorSeverity');
  });

  it('knows the module stream of a modular erratum only for modular builds', () => {
    const json = {
      id: 'ALSA-2024:2',
      summary: 'Important: nodejs:14 security update',
      affected: [affected('AlmaLinux:8', {}, '14.1-1.module_el8.5'), affected('AlmaLinux:8', {}, '14.1-1.el8')],
    };
    expect(read(json, 'AlmaLinux').affected.map(({ module }) => module)).toEqual(['nodejs:14', undefined]);
  });

  it('marks errata that fix no flaw', () => {
    const json = { id: 'ALBA-2024:3', affected: [affected('AlmaLinux:8')] };
    expect(read(json, 'AlmaLinux').affected[0]).toMatchObject({ informational: 'bug-fix' });
    expect(read({ ...json, related: ['CVE-2020-1234'] }, 'AlmaLinux').affected[0]).not.toHaveProperty('informational');
  });

  it.each([
    ['Debian urgency', affected('Debian:12', { ecosystem_specific: { urgency: 'unimportant' } }), { vendorSeverity: 'unimportant' }],
    ['Debian end of life', affected('Debian:8', { ecosystem_specific: { urgency: 'end-of-life' } }), { status: 'end-of-life' }],
    ['RustSec', affected('crates.io', { database_specific: { informational: 'unmaintained' } }), { informational: 'unmaintained' }],
  ])('reads what is said of one package: %s', (_name, json, expected) => {
    const found = read({ id: 'X', affected: [json] }).affected[0]!;
    expect(found).toMatchObject(expected);
    expect(Object.keys(found)).toHaveLength(5);
  });

  it('leaves out words that say nothing', () => {
    const json = affected('Debian:12', { ecosystem_specific: { urgency: 'not yet assigned' } });
    expect(read({ id: 'X', affected: [json] }).affected[0]).not.toHaveProperty('vendorSeverity');
    expect(read({ id: 'X', database_specific: { severity: 'Unknown' } })).not.toHaveProperty('vendorSeverity');
  });

  it('reads severities where each feed has them', () => {
    const v3 = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' };
    expect(read({ id: 'X', severity: [v3, { type: 'Ubuntu', score: 'medium' }] })).toMatchObject({ severity: [v3], vendorSeverity: 'medium' });
    const bitnami = read({ id: 'X', database_specific: { severity: 'High' }, affected: [affected('Bitnami', { severity: [v3] })] });
    expect(bitnami).toMatchObject({ vendorSeverity: 'High', severity: [], affected: [{ severity: [v3] }] });
    expect(read({ id: 'X', database_specific: { cvss_v2: 4.3, cvss_v3: '7.5' } }).severity).toEqual([
      { type: 'CVSS_V3', score: '7.5' },
      { type: 'CVSS_V2', score: '4.3' },
    ]);
    const rust = read({ id: 'X', affected: [affected('crates.io', { database_specific: { cvss: v3.score } })] });
    expect(rust.affected[0]!.severity).toEqual([v3]);
  });

  it('drops listed versions that the ranges cover and keeps the others', () => {
    const json = affected('PyPI', { versions: ['0.9', '1.0', '2.0', '3.0.post1'] });
    expect(read({ id: 'X', affected: [json] }).affected[0]!.versions).toEqual(['2.0', '3.0.post1']);
    const listed = { package: { ecosystem: 'PyPI', name: 'p' }, ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }], versions: ['1.0'] };
    expect(read({ id: 'X', affected: [listed] }).affected[0]).toMatchObject({ ranges: [], versions: ['1.0'] });
  });

  it('keeps eight links, advisories and fixes first, and none that is not http', () => {
    const web = Array.from({ length: 9 }, (_, i) => ({ type: 'WEB', url: `https://w.example/${i}` }));
    const bad = ['javascript:alert(1)', 'https://x.example/"onclick', 'ftp://x.example/'].map((url) => ({ type: 'ADVISORY', url }));
    const more = [{ type: 'FIX', url: 'https://f.example' }, { type: 'ADVISORY', url: 'https://a.example' }, { type: 'FIX', url: 'https://f.example' }];
    const { links } = read({ id: 'X', references: [...bad, ...web, ...more] });
    expect(links.map(({ url }) => url)).toEqual(['https://a.example', 'https://f.example', ...web.slice(0, 6).map(({ url }) => url)]);
  });

  it('normalises times and drops those that say nothing', () => {
    expect(read({ id: 'X', published: '0001-01-01T00:00:00Z', modified: '2024-05-01T10:02:07.006+02:00' })).toMatchObject({
      modified: '2024-05-01T08:02:07Z',
    });
    expect(read({ id: 'X', published: '0001-01-01T00:00:00Z' })).not.toHaveProperty('published');
  });

  it('tells withdrawn records', () => {
    expect(readOsvRecord({ id: 'X', withdrawn: '2024-01-01T00:00:00Z' }, 'Go').withdrawn).toBe(true);
    expect(readOsvRecord({ id: 'X', withdrawn: null }, 'Go').withdrawn).toBe(false);
  });

  it('takes any JSON without a crash', () => {
    const odd = [null, 1, 'x', [], [[]], {}, [{}], [null], { package: 1 }, [{ package: { ecosystem: {}, name: [] } }]];
    for (const value of odd) {
      const json = Object.fromEntries(
        ['aliases', 'upstream', 'related', 'severity', 'affected', 'references', 'database_specific', 'published'].map((key) => [key, value]),
      );
      expect(read({ id: 'X', ...json })).toMatchObject({ id: 'X', affected: [] });
    }
    expect(() => read({ id: 7 })).toThrow(/without an id/);
    expect(() => read({ id: 'x'.repeat(5000) })).toThrow(/5000 characters/);
  });
});
