import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@plimsoll/model';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchFolders, zipOf } from './feeds.fixtures.ts';
import { zipEntries } from './zip.ts';

const scratch = scratchFolders();
afterAll(() => scratch.clean());

async function read(bytes: Buffer): Promise<Record<string, string>> {
  const file = join(scratch.make(), 'a.zip');
  writeFileSync(file, bytes);
  const found: Record<string, string> = {};
  for await (const { name, bytes: content } of zipEntries(file, '.json')) found[name] = content.toString();
  return found;
}

const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i}.json`, { i, text: 'x'.repeat(i * 17) }]));

describe('zip archives of feeds', () => {
  it('give each entry, compressed or stored, and leave others alone', async () => {
    const expected = Object.fromEntries(Object.entries(many).map(([name, value]) => [name, JSON.stringify(value)]));
    expect(await read(zipOf({ ...many, 'readme.txt': 'x' }))).toEqual(expected);
    expect(await read(zipOf(many, { stored: true }))).toEqual(expected);
    expect(await read(zipOf({}))).toEqual({});
  });

  it('are refused when cut off, wherever', async () => {
    const whole = zipOf(many);
    for (let length = 0; length < whole.length; length += 1009) {
      await expect(read(whole.subarray(0, length))).rejects.toMatchObject({ code: 'feed-truncated' });
    }
  });

  it('are refused with any byte changed, or give the same content', async () => {
    const whole = zipOf({ 'a.json': { a: 1 }, 'b.json': { b: 'bb'.repeat(40) } });
    const expected = await read(whole);
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0x41;
      const outcome = await read(bytes).catch((error: unknown) => error);
      if (outcome instanceof InputError) continue;
      // Names are not covered by any checksum.
      expect(Object.values(expected)).toEqual(expect.arrayContaining(Object.values(outcome as object)));
    }
  });

  it('are refused for an entry that claims to be huge, without allocating it', async () => {
    const bytes = zipOf({ 'a.json': { a: 1 } });
    const directory = bytes.lastIndexOf('PK\x01\x02');
    bytes.writeUInt32LE(0xf0000000, directory + 24);
    await expect(read(bytes)).rejects.toMatchObject({ code: 'feed-corrupt', message: expect.stringContaining('larger than') });
  });
});
