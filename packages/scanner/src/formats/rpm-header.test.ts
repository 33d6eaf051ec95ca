import { describe, expect, it } from 'vitest';
import { RPM_TAG, RpmHeader } from './rpm-header.ts';

function header(entries: [tag: number, type: number, offset: number, count: number][], data: Buffer, length = data.length): Buffer {
  const bytes = Buffer.alloc(8 + entries.length * 16);
  bytes.writeUInt32BE(entries.length, 0);
  bytes.writeUInt32BE(length, 4);
  entries.forEach((entry, i) => entry.forEach((number, j) => bytes.writeUInt32BE(number, 8 + i * 16 + j * 4)));
  return Buffer.concat([bytes, data]);
}

describe('rpm headers', () => {
  it('gives strings and numbers by tag, past the region tags', () => {
    const data = Buffer.from('bash\0one\0two\0\0\0\0\0\x02\x41\xed\x81\xa4', 'latin1');
    const parsed = RpmHeader.parse(
      header(
        [
          [63, 7, 0xfffffff0, 16],
          [RPM_TAG.name, 6, 0, 1],
          [RPM_TAG.baseNames, 8, 5, 2],
          [RPM_TAG.epoch, 4, 14, 1],
          [RPM_TAG.fileModes, 3, 18, 2],
        ],
        data,
      ),
    )!;
    expect(parsed.complete).toBe(true);
    expect(parsed.string(RPM_TAG.name)).toBe('bash');
    expect(parsed.strings(RPM_TAG.baseNames)).toEqual(['one', 'two']);
    expect(parsed.numbers(RPM_TAG.epoch)).toEqual([2]);
    expect(parsed.numbers(RPM_TAG.fileModes)).toEqual([0o40755, 0o100644]);
    expect(parsed.string(RPM_TAG.vendor)).toBeUndefined();
    expect(parsed.numbers(RPM_TAG.name)).toEqual([]);
  });

  it('gives no more values than the data holds, whatever the count says', () => {
    const parsed = RpmHeader.parse(
      header(
        [
          [RPM_TAG.baseNames, 8, 0, 0xffffffff],
          [RPM_TAG.dirIndexes, 4, 0, 0xffffffff],
        ],
        Buffer.from('a\0b\0unended'),
      ),
    )!;
    expect(parsed.strings(RPM_TAG.baseNames)).toEqual(['a', 'b']);
    expect(parsed.numbers(RPM_TAG.dirIndexes)).toHaveLength(2);
  });

  it('is incomplete when data is missing or an entry points outside', () => {
    expect(RpmHeader.parse(header([[RPM_TAG.name, 6, 0, 1]], Buffer.from('a\0'), 100))!.complete).toBe(false);
    expect(RpmHeader.parse(header([[RPM_TAG.name, 6, 50, 1]], Buffer.from('a\0')))!.complete).toBe(false);
  });

  it('is none when the index is longer than the bytes, empty or beyond what rpm allows', () => {
    const bytes = header([[RPM_TAG.name, 6, 0, 1]], Buffer.from('a\0'));
    expect(RpmHeader.parse(bytes.subarray(0, 20))).toBeUndefined();
    for (const count of [0, 2, 0xffffffff]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt32BE(count, 0);
      expect(RpmHeader.parse(changed)).toBeUndefined();
    }
  });
});
