import { describe, expect, it } from 'vitest';
import { fixture } from '../catalogers/os-package.fixtures.ts';
import { ndbBlobs } from './ndb.ts';
import { MemoryContent } from './random-access.ts';

function read(bytes: Buffer): { blobs: Buffer[]; problems: string[] } {
  const problems: string[] = [];
  const blobs = [...ndbBlobs(new MemoryContent(bytes), (problem) => problems.push(problem))];
  return { blobs, problems };
}

/** One page of slots, then one blob of 4 KiB; `slots` many slots name it. */
function file(slots: number, index = 1): Buffer {
  const bytes = Buffer.alloc(4096 + 4096 + 64);
  bytes.write('RpmP', 'latin1');
  bytes.writeUInt32LE(1, 12);
  for (let at = 32; at < 4096; at += 16) bytes.write('Slot', at, 'latin1');
  for (let i = 0; i < slots; i++) {
    bytes.writeUInt32LE(index, 36 + i * 16);
    bytes.writeUInt32LE(256, 40 + i * 16);
    bytes.writeUInt32LE(260, 44 + i * 16);
  }
  bytes.write('BlbS', 4096, 'latin1');
  bytes.writeUInt32LE(1, 4100);
  bytes.writeUInt32LE(4096, 4108);
  return bytes;
}

describe('ndb databases', () => {
  it('yields the blob of each slot that is in use', () => {
    expect(read(file(1))).toEqual({ blobs: [Buffer.alloc(4096)], problems: [] });
  });

  it('reads the database that rpm wrote', () => {
    const { blobs, problems } = read(fixture('Packages.db'));
    expect(problems).toEqual([]);
    expect(blobs).toHaveLength(26);
  });

  it('ends when slots name the same blob over and over', () => {
    const { blobs, problems } = read(file(200));
    expect(blobs.length).toBeLessThanOrEqual(2);
    expect(problems).toEqual(['its packages overlap each other']);
  });

  it('reports a blob of another package, a broken slot and a length beyond its room', () => {
    expect(read(file(1, 7)).problems).toEqual(['package number 7 is damaged or cut off']);
    const slot = file(1);
    slot[48] = 0;
    expect(read(slot)).toMatchObject({ blobs: [expect.any(Buffer)], problems: ['slot 3 is damaged'] });
    const length = file(1);
    length.writeUInt32LE(0xffffffff, 4108);
    expect(read(length).problems).toEqual(['package number 1 is damaged or cut off']);
  });

  it('reports a table of slots longer than the file, another version and foreign content', () => {
    const table = file(1);
    table.writeUInt32LE(0xffffffff, 12);
    expect(read(table).problems[0]).toBe('it is cut off within its table of packages');
    const version = file(1);
    version.writeUInt32LE(3, 4);
    expect(read(version).problems).toEqual(['it has version 3 of the ndb format; only version 0 is known']);
    expect(read(Buffer.from('RpmX')).problems).toEqual(['it is not an ndb database']);
  });
});
