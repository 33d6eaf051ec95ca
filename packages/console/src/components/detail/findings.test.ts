import type { FindingView, UpgradeView } from '@plimsoll/model/api';
import { describe, expect, it } from 'vitest';
import { byUrgency, countBySeverity, filterFindings, FINDING_FILTERS, findingKey, levelsOf, toggleLevel, upgradeKey, withoutFix } from './findings.ts';

function finding(change: Partial<FindingView>): FindingView {
  return {
    id: 'CVE-2024-1', aliases: [], severity: 3, severityReason: '', cvss: null, epss: null, kev: null, package: 'libssl3', version: '3.0.11', type: 'deb', purl: 'pkg:deb/debian/libssl3@3.0.11', paths: [],
    fixedVersion: null, status: 'unfixed', advisories: [], layer: 0, fromBase: null, links: [], firstSeen: null, ...change,
  };
}
const ids = (list: readonly FindingView[]) => list.map((each) => each.id);

describe('filters of findings', () => {
  const all = [
    finding({ id: 'A', severity: 5, kev: '2024-01-01', fixedVersion: '3.0.15', layer: 0, fromBase: true }),
    finding({ id: 'B', severity: 4, package: 'express', type: 'npm', paths: ['app/node_modules/express/package.json'], layer: 4, fromBase: false, fixedVersion: '4.20.0', version: '4.18.2' }),
    finding({ id: 'C', severity: 1, aliases: ['GHSA-aaaa-bbbb-cccc'], layer: 10, fromBase: null }),
  ];
  const filtered = (change: Partial<typeof FINDING_FILTERS>, upgrade?: UpgradeView) => ids(filterFindings(all, { ...FINDING_FILTERS, ...change }, upgrade));

  it('leaves all without filters', () => expect(filtered({})).toEqual(['A', 'B', 'C']));
  it('by severities', () => expect(filtered({ severity: '5,1' })).toEqual(['A', 'C']));
  it('by the fix', () => {
    expect(filtered({ fix: 'yes' })).toEqual(['A', 'B']);
    expect(filtered({ fix: 'no' })).toEqual(['C']);
  });
  it('by exploitation', () => expect(filtered({ exploited: 'yes' })).toEqual(['A']));
  it('by layer, whole numbers only', () => {
    expect(filtered({ layer: '10' })).toEqual(['C']);
    expect(filtered({ layer: '1' })).toEqual([]);
    expect(filtered({ layer: '0' })).toEqual(['A']);
  });
  it('by origin: what is not known to be of the base is own', () => {
    expect(filtered({ from: 'base' })).toEqual(['A']);
    expect(filtered({ from: 'own' })).toEqual(['B', 'C']);
  });
  it('by words in ids, package and path, in any case and order', () => {
    expect(filtered({ find: 'EXPRESS node_modules' })).toEqual(['B']);
    expect(filtered({ find: 'ghsa-aaaa' })).toEqual(['C']);
    expect(filtered({ find: 'express ghsa' })).toEqual([]);
    expect(filtered({ find: '  ' })).toEqual(['A', 'B', 'C']);
  });
  it('by all at once', () => expect(filtered({ severity: '5,4', fix: 'yes', from: 'own' })).toEqual(['B']));
  it('by what an upgrade removes: the same flaw in another package stays', () => {
    const upgrade: UpgradeView = { name: 'express', type: 'npm', from: ['4.18.2'], to: '4.20.0', removes: { 1: 0, 2: 0, 3: 0, 4: 1, 5: 0, fixable: 1, kev: 0 }, findings: ['B', 'A'], layer: 4, fromBase: false };
    expect(filtered({ upgrade: upgradeKey(upgrade) }, upgrade)).toEqual(['B']);
  });
});

describe('severities in the URL', () => {
  it('are read in any order, and nonsense is passed over', () => {
    expect([...levelsOf('1,5,9,x')]).toEqual([5, 1]);
    expect(levelsOf('').size).toBe(0);
  });
  it('are toggled, worst first', () => {
    expect(toggleLevel('', 4)).toBe('4');
    expect(toggleLevel('4', 5)).toBe('5,4');
    expect(toggleLevel('5,4', 5)).toBe('4');
  });
});

it('puts first what is urgent, then what is exploited, then what is likely to be', () => {
  const list = [finding({ id: 'low', severity: 2, epss: 0.9 }), finding({ id: 'likely', severity: 4, epss: 0.5 }), finding({ id: 'unlikely', severity: 4, epss: 0.1, cvss: 9.9 }), finding({ id: 'exploited', severity: 4, kev: '2024-01-01' }), finding({ id: 'unknown', severity: 4 })];
  expect(ids(list.toSorted(byUrgency))).toEqual(['exploited', 'likely', 'unlikely', 'unknown', 'low']);
});

it('tells the same flaw in two packages apart', () => {
  expect(findingKey(finding({ purl: 'pkg:npm/a@1' }))).not.toBe(findingKey(finding({ purl: 'pkg:npm/b@1' })));
});

it('counts by severity', () => {
  expect(countBySeverity([finding({ severity: 5 }), finding({ severity: 5 }), finding({ severity: 1 })])).toEqual({ 1: 1, 2: 0, 3: 0, 4: 0, 5: 2 });
});

it('says why there is no fix, and claims no reason it does not know', () => {
  expect(withoutFix('ignored')).toBe('will not be fixed');
  expect(withoutFix('constructor')).toBe('no fix known');
});
