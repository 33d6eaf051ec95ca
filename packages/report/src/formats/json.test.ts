import { describe, expect, it } from 'vitest';
import { scanReportSchema } from '@plimsoll/model/schema';
import { emptyReport, hostileReport, sampleReport, unmatchedReport } from '../testing/sample-report.ts';
import { written } from '../testing/write.ts';
import { jsonFormat } from './json.ts';
import { writeJsonObject } from './json-writer.ts';

describe('json format', () => {
  it.each([
    ['sample', sampleReport()],
    ['empty', emptyReport()],
    ['unmatched', unmatchedReport()],
    ['hostile', hostileReport()],
  ])('writes the %s report as its schema has it, and loses nothing', (_name, report) => {
    const text = written(jsonFormat, report);
    expect(text).toBe(`${JSON.stringify(report, null, 2)}\n`);
    expect(scanReportSchema.parse(JSON.parse(text))).toEqual(report);
  });
});

describe('writeJsonObject', () => {
  it('takes iterables one element at a time and gives bounded pieces', () => {
    const pieces: string[] = [];
    let made = 0;
    let madeAtFirstPiece = 0;
    function* elements(): Iterable<unknown> {
      for (; made < 10_000; made++) yield { text: 'x'.repeat(100) };
    }
    writeJsonObject({ before: 1, list: elements(), none: undefined, after: [] }, (piece) => {
      if (pieces.length === 0) madeAtFirstPiece = made;
      pieces.push(piece);
    });
    expect(madeAtFirstPiece).toBeLessThan(1000);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(70_000);
    const parsed = JSON.parse(pieces.join('')) as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(['before', 'list', 'after']);
    expect(parsed.list).toHaveLength(10_000);
  });
});
