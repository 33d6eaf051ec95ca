import type { AffectedRange, RangeEvent } from '@plimsoll/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemeFor } from '../versions/index.ts';
import { matchVersion } from './range.ts';

const semver = schemeFor('npm')!;
const range = (...events: RangeEvent[]): AffectedRange => ({ type: 'SEMVER', events });
const match = (version: string, ranges: AffectedRange[], versions: string[] = []) => matchVersion({ ranges, versions }, version, semver);

describe('matchVersion', () => {
  it('takes introduced 0 as everything until the fix', () => {
    const ranges = [range({ introduced: '0' }, { fixed: '1.2.0' })];
    expect(match('0.0.0-alpha', ranges)).toEqual({ range: '< 1.2.0', fixedVersion: '1.2.0' });
    expect(match('1.2.0-rc.1', ranges)).toEqual({ range: '< 1.2.0', fixedVersion: '1.2.0' });
    expect(match('1.2.0', ranges)).toBeUndefined();
    expect(match('1.2', [range({ introduced: '0' })])).toEqual({ range: 'all versions' });
  });

  it('tells the interval that holds the version, of several in one range or in several', () => {
    const events: RangeEvent[] = [{ introduced: '1.0' }, { fixed: '1.5' }, { introduced: '2.0' }, { fixed: '2.3' }];
    for (const ranges of [[range(...events)], [range(...events.slice(0, 2)), range(...events.slice(2))], [range(...[...events].reverse())]]) {
      expect(match('0.9', ranges)).toBeUndefined();
      expect(match('1.0', ranges)).toEqual({ range: '>= 1.0, < 1.5', fixedVersion: '1.5' });
      expect(match('1.7', ranges)).toBeUndefined();
      expect(match('2.2.9', ranges)).toEqual({ range: '>= 2.0, < 2.3', fixedVersion: '2.3' });
      expect(match('2.3', ranges)).toBeUndefined();
    }
  });

  it('includes last_affected, which names no fix', () => {
    const ranges = [range({ introduced: '1.0' }, { lastAffected: '1.9' })];
    expect(match('1.9', ranges)).toEqual({ range: '>= 1.0, <= 1.9' });
    expect(match('1.9.1', ranges)).toBeUndefined();
    expect(match('1.0', [range({ introduced: '1.0' }, { lastAffected: '1.0' })])).toEqual({ range: '>= 1.0, <= 1.0' });
    expect(match('1.1', [range({ introduced: '1.0' }, { lastAffected: '1.0' })])).toBeUndefined();
  });

  it('offers a fix that is itself affected by nothing', () => {
    const ranges = [range({ introduced: '1.0' }, { fixed: '1.5' }), range({ introduced: '1.4' }, { fixed: '2.1' })];
    expect(match('1.2', ranges)?.fixedVersion).toBe('2.1');
    expect(match('1.2', [range({ introduced: '1.0' }, { lastAffected: '1.9' }), range({ introduced: '2.0' }, { fixed: '2.2' })])?.fixedVersion).toBe('2.2');
    expect(match('1.2', [range({ introduced: '1.0' }, { fixed: '1.5' })], ['1.5'])?.fixedVersion).toBeUndefined();
  });

  it('keeps to limits: a version must be below one of them', () => {
    const ranges = [range({ introduced: '1.0' }, { limit: '2.0' })];
    expect(match('1.5', ranges)).toEqual({ range: '>= 1.0, < 2.0' });
    expect(match('2.0', ranges)).toBeUndefined();
    expect(match('9.0', [range({ introduced: '1.0' }, { limit: '*' })])).toEqual({ range: '>= 1.0' });
    expect(match('2.5', [range({ introduced: '1.0' }, { limit: '2.0' }, { limit: '3.0' })])).toEqual({ range: '>= 1.0, < 3.0' });
  });

  it('takes listed versions by the scheme’s equality', () => {
    expect(match('v1.0.0', [], ['0.9', '1.0'])).toEqual({ range: '= 1.0' });
    expect(match('1.0.1', [], ['0.9', '1.0'])).toBeUndefined();
  });

  it('treats fixed 0 as never affected, by any scheme', () => {
    for (const ecosystem of ['Alpine:v3.11', 'Debian:12', 'npm', 'PyPI', 'Maven']) {
      const affected = { ranges: [range({ introduced: '0' }, { fixed: '0' })], versions: [] };
      expect(matchVersion(affected, '0~a1', schemeFor(ecosystem)!)).toBeUndefined();
    }
  });

  it('is affected by nothing where nothing is introduced', () => {
    expect(match('1.0', [range({ fixed: '2.0' })])).toBeUndefined();
    expect(match('1.0', [range()])).toBeUndefined();
    expect(match('1.0', [])).toBeUndefined();
  });

  it('agrees with plain interval arithmetic on whole numbers', () => {
    const interval = fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 10 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 4 }), fc.nat(35), (intervals, version) => {
        const ranges = intervals.map(([from, length, last]) =>
          range({ introduced: String(from) }, last ? { lastAffected: String(from + length) } : { fixed: String(from + length) }),
        );
        const inside = (v: number) => intervals.some(([from, length, last]) => v >= from && (last ? v <= from + length : v < from + length));
        const fixes = intervals.filter(([, , last]) => !last).map(([from, length]) => from + length).filter((v) => v > version && !inside(v));
        const found = match(String(version), ranges);
        expect(found !== undefined).toBe(inside(version));
        if (found) expect(found.fixedVersion).toBe(fixes.length > 0 ? String(Math.min(...fixes)) : undefined);
      }),
    );
  });
});
