import { describe, expect, it } from 'vitest';
import { scoreOf } from './cvss.ts';

/** Examples that FIRST publishes with each version of the standard. */
const PUBLISHED: [vector: string, version: string, score: number][] = [
  // https://www.first.org/cvss/v2/guide section 3.3
  ['AV:N/AC:L/Au:N/C:N/I:N/A:C', '2.0', 7.8], // CVE-2002-0392
  ['AV:N/AC:L/Au:N/C:C/I:C/A:C', '2.0', 10], // CVE-2003-0818
  ['AV:L/AC:H/Au:N/C:C/I:C/A:C', '2.0', 6.2], // CVE-2003-0062
  // https://www.first.org/cvss/v3.0/examples and https://www.first.org/cvss/v3.1/examples
  ['CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', '3.0', 6.4], // CVE-2013-0375
  ['CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N', '3.0', 3.1], // CVE-2014-3566
  ['CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H', '3.1', 9.9], // CVE-2012-1516
  ['CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L', '3.1', 4.2], // CVE-2009-0783
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', '3.1', 7.5], // CVE-2014-0160
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', '3.1', 9.8], // CVE-2014-6271
  ['CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N', '3.1', 6.8], // CVE-2008-1447
  ['CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', '3.1', 6.8], // CVE-2014-2005
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N', '3.1', 5.8], // CVE-2010-0467
  ['CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H', '3.1', 9.3], // CVE-2013-6014
  // https://www.first.org/cvss/v4.0/examples
  ['CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 7.3], // CVE-2022-41741
  ['CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 7.7], // CVE-2020-3549
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N', '4.0', 5.1], // cross-site scripting
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H', '4.0', 10], // CVE-2021-44228
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N', '4.0', 8.7], // CVE-2014-0160
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 9.3], // CVE-2014-6271
];

describe('scoreOf', () => {
  it.each(PUBLISHED)('%s', (vector, version, score) => {
    expect(scoreOf(vector)).toEqual({ version, score });
  });

  it('reads version 2 with parentheses and with a prefix', () => {
    expect(scoreOf('(AV:N/AC:L/Au:N/C:N/I:N/A:C)')).toEqual({ version: '2.0', score: 7.8 });
    expect(scoreOf('CVSS:2.0/AV:N/AC:L/Au:N/C:N/I:N/A:C')).toEqual({ version: '2.0', score: 7.8 });
  });

  it('gives the base score whatever threat and environment say', () => {
    expect(scoreOf('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U/CR:L')?.score).toBe(9.8);
    expect(scoreOf('CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U/CR:L/MAV:P')?.score).toBe(10);
  });

  it('is 0 where nothing is harmed', () => {
    expect(scoreOf('CVSS:4.0/AV:L/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N')?.score).toBe(0);
    expect(scoreOf('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N')?.score).toBe(0);
    expect(scoreOf('AV:N/AC:L/Au:N/C:N/I:N/A:N')?.score).toBe(0);
  });

  it('takes metrics in any order', () => {
    expect(scoreOf('CVSS:3.1/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N')?.score).toBe(9.8);
  });

  it.each([
    '',
    'garbage',
    '7.5',
    'CVSS:3.1/',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H',
    'CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:3.1/AV:constructor/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:9.9/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'AV:N/AC:L/Au:N/C:N/I:N',
    `CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H${'/E:X'.repeat(1000)}`,
  ])('has no score for %s', (vector) => {
    expect(scoreOf(vector)).toBeUndefined();
  });

  it('never scores a worse impact lower (version 4, all vectors with one metric changed)', () => {
    const worse: Record<string, string> = { N: 'L', L: 'H' };
    const base = ['AV:N', 'AC:L', 'AT:N', 'PR:L', 'UI:N'];
    for (const impacts of cartesian(['VC', 'VI', 'VA', 'SC', 'SI', 'SA'], ['N', 'L', 'H'])) {
      const score = scoreOf(`CVSS:4.0/${[...base, ...impacts].join('/')}`)!.score;
      impacts.forEach((impact, i) => {
        const value = worse[impact.slice(-1)];
        if (value === undefined) return;
        const raised = impacts.with(i, impact.slice(0, -1) + value);
        expect(scoreOf(`CVSS:4.0/${[...base, ...raised].join('/')}`)!.score).toBeGreaterThanOrEqual(score);
      });
    }
  });
});

function cartesian(names: string[], values: string[]): string[][] {
  return names.reduce<string[][]>((lists, name) => lists.flatMap((list) => values.map((value) => [...list, `${name}:${value}`])), [[]]);
}
