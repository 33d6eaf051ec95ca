import { InputError } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { parseIdMap } from './id-map.ts';

describe('parseIdMap', () => {
  it('maps many to many, in both directions', () => {
    const map = parseIdMap('100,CVE-2024-0001\n20,CVE-2024-0001\n20,CVE-2024-0002\n');
    expect(map.qidsFor('CVE-2024-0001')).toEqual(['20', '100']);
    expect(map.cvesFor('20')).toEqual(['CVE-2024-0001', 'CVE-2024-0002']);
    expect(map.qidsFor('CVE-2024-9999')).toEqual([]);
    expect(map.cvesFor('constructor')).toEqual([]);
  });

  it.each([
    ['a header', 'QID,CVE\n7,CVE-2024-0001'],
    ['named columns in another order, among others', 'Title,CVE ID,QID\n"a, ""b""",CVE-2024-0001,7'],
    ['quotes, spaces, CRLF, a byte order mark and blank lines', '\ufeff"QID" , "CVE"\r\n\r\n "7" , "CVE-2024-0001" \r\n'],
    ['several CVEs in a field, in any case', 'QID,CVE\n7,"cve-2024-0001, CVE-2024-0002"'],
    ['semicolons', 'QID;CVE\n7;CVE-2024-0001'],
    ['tabs', '7\tCVE-2024-0001'],
  ])('reads %s', (_, text) => {
    expect(parseIdMap(text).qidsFor('CVE-2024-0001')).toEqual(['7']);
  });

  it('takes own ids without CVE and an empty file', () => {
    expect(parseIdMap('QID,CVE\n7,\n').cvesFor('7')).toEqual([]);
    expect(parseIdMap('').cvesFor('7')).toEqual([]);
  });

  it.each([
    ['7,GHSA-1', 'row 1'],
    ['QID,CVE\n7,CVE-2024-0001\n,CVE-2024-0001', 'row 3'],
    ['"7,CVE-2024-0001', 'row 1'],
    ['"7"x,CVE-2024-0001', 'row 1'],
    [`${'9'.repeat(101)},CVE-2024-0001`, 'row 1'],
    [`7,${'CVE-2024-0001 '.repeat(9999)}`, 'row 1'],
  ])('refuses %#, naming the row', (text, where) => {
    expect(() => parseIdMap(text)).toThrow(InputError);
    expect(() => parseIdMap(text)).toThrow(where);
  });
});
