import type { CveFacts, CvssScore } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { advisoryScore, bestScore, judge, type SeverityFacts, type VendorRating } from './severity.ts';

const score = (value: number, version = '3.1', source = 'nvd'): CvssScore => ({ version, vector: `${version}/${value}`, score: value, source });
const rating = (word: string, flaws = 1): VendorRating => ({ word, vendor: 'Debian', flaws });
const cve = (more: Partial<CveFacts>): CveFacts => ({ id: 'CVE-2024-1', scores: [], cwes: [], ...more });
const of = (facts: Partial<SeverityFacts>) => judge({ vendor: [], others: [], scores: [], ...facts });
const kev = { dateAdded: '2022-03-25', ransomware: false };

describe('judge', () => {
  it.each([
    [10, 5], [9, 5], [8.9, 4], [7, 4], [6.9, 3], [4, 3], [3.9, 2], [0.1, 2], [0, 1],
  ])('bands CVSS %d as %d', (value, severity) => {
    expect(of({ scores: [score(value)] })).toMatchObject({ severity, reason: `CVSS ${value.toFixed(1)} (nvd)`, cvss: { score: value } });
  });

  it('has no urgent band for CVSS 2', () => {
    expect(of({ scores: [score(10, '2.0')] }).severity).toBe(4);
  });

  it('does not call the unknown harmless', () => {
    expect(of({})).toEqual({ severity: 2, reason: 'not scored yet' });
  });

  it.each([
    ['Critical', 5], ['Important', 4], ['high', 4], ['Moderate', 3], ['medium**', 3], ['Low', 2], ['negligible', 1], ['unimportant', 1],
  ])('takes the distribution’s %s over CVSS', (word, severity) => {
    expect(of({ vendor: [rating(word)], scores: [score(9.8)] })).toMatchObject({ severity, vendorSeverity: word, cvss: { score: 9.8 } });
  });

  it('passes over a word that it does not know', () => {
    expect(of({ vendor: [rating('constructor'), rating('low')], scores: [score(9.8)] }).severity).toBe(2);
    expect(of({ vendor: [rating('hasOwnProperty')], scores: [score(9.8)] }).severity).toBe(5);
  });

  it('lets a flaw’s own score lower a rating that several flaws share, not raise it', () => {
    expect(of({ vendor: [rating('Important', 9)], scores: [score(5)] })).toMatchObject({ severity: 3, reason: 'CVSS 5.0 (nvd)', vendorSeverity: 'Important' });
    expect(of({ vendor: [rating('Moderate', 9)], scores: [score(9.8)] })).toMatchObject({ severity: 3, reason: 'Debian rates it moderate' });
  });

  it('uses other publishers’ words only where there is no score', () => {
    expect(of({ others: [rating('LOW')], scores: [score(9.8)] }).severity).toBe(5);
    expect(of({ others: [rating('HIGH')] })).toMatchObject({ severity: 4, reason: 'Debian rates it high' });
  });

  it('raises by one for a likely exploitation, never above 5', () => {
    const epss = { score: 0.5, percentile: 0.978 };
    expect(of({ scores: [score(5)], cve: cve({ epss }) })).toMatchObject({ severity: 4, reason: 'CVSS 5.0 (nvd), EPSS 50 % (above 97.8 % of all CVEs)' });
    expect(of({ scores: [score(9.8)], cve: cve({ epss }) }).severity).toBe(5);
    expect(of({ scores: [score(5)], cve: cve({ epss: { ...epss, score: 0.499 } }) })).toMatchObject({ severity: 3, reason: 'CVSS 5.0 (nvd)' });
  });

  it('raises to 5 what is known to be exploited, and says so', () => {
    expect(of({ vendor: [rating('unimportant')], cve: cve({ kev }) })).toMatchObject({
      severity: 5,
      reason: 'Debian rates it unimportant, in KEV since 2022-03-25',
    });
    expect(of({ cve: cve({ kev: { ...kev, ransomware: true } }) }).reason).toBe('not scored yet, in KEV since 2022-03-25, used by ransomware');
  });

  it('keeps notices and rejected CVEs at 1', () => {
    expect(of({ informational: 'unmaintained', scores: [score(9)] })).toEqual({ severity: 1, reason: 'informational: unmaintained' });
    expect(of({ cve: cve({ rejected: true }), scores: [score(9)] }).severity).toBe(1);
  });
});

describe('bestScore', () => {
  it('prefers newer versions, then the CNA, then NVD, whatever the order', () => {
    const scores = [score(1, '2.0', 'cna'), score(2, '3.1', 'ghsa'), score(3, '3.1', 'nvd'), score(4, '3.1', 'cna'), score(5, '3.0', 'cna'), score(6, '4.0', 'cisa-adp')];
    for (const list of [scores, [...scores].reverse()]) {
      const rest = [...list];
      const order: number[] = [];
      while (rest.length > 0) {
        const best = bestScore(rest)!;
        order.push(best.score);
        rest.splice(rest.indexOf(best), 1);
      }
      expect(order).toEqual([6, 4, 3, 2, 5, 1]);
    }
  });
});

describe('advisoryScore', () => {
  it('scores vectors and takes bare numbers', () => {
    expect(advisoryScore({ type: 'CVSS_V3', score: 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }, 'ghsa')).toMatchObject({ version: '3.0', score: 9.8, source: 'ghsa' });
    expect(advisoryScore({ type: 'CVSS_V2', score: '4.3' }, 'rubysec')).toEqual({ version: '2.0', vector: '', score: 4.3, source: 'rubysec' });
    for (const bad of ['11', '-1', 'high', '', '7.5.1']) expect(advisoryScore({ type: 'CVSS_V3', score: bad }, 'x')).toBeUndefined();
  });
});
