import { InputError } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { tarOf } from '../fuzz/tar.fixtures.ts';
import { LayerAnalyser } from './analyse.ts';
import { decompress } from './decompress.ts';
import { mergeLayers } from './merge.ts';
import { TarReader, type TarEntry } from './tar.ts';
import { MAX_MOVED, ZstdFrames } from './zstd-frames.ts';

// What took minutes or gigabytes before it was bounded: here a test that runs into its time limit has failed.

/** All but the end mark. */
const members = (...args: Parameters<typeof tarOf>) => tarOf(...args).subarray(0, -1024);

function record(key: string, value: string): string {
  const body = ` ${key}=${value}\n`;
  const length = body.length + String(body.length).length;
  return `${length + (String(length).length > String(body.length).length ? 1 : 0)}${body}`;
}

function reader(): { tar: TarReader; entries: TarEntry[] } {
  const entries: TarEntry[] = [];
  const handler = { entry: (entry: TarEntry) => (entries.push(entry), true), data: () => true, hole: () => true, end: () => undefined };
  return { tar: new TarReader(handler), entries };
}

const entry = (path: string, more: Partial<TarEntry> = {}): TarEntry => ({ path, linkPath: '', type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, ...more });

describe('tars that cost more than they weigh', () => {
  it('reads a megabyte of sparse map that comes block by block', () => {
    const map = `65536\n${'0000000\n'.repeat(120_000)}`;
    const bytes = tarOf([{ path: 's', content: map, pax: { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '100' } }]);
    const { tar } = reader();
    expect(() => {
      for (let at = 0; at < bytes.length; at += 512) tar.write(bytes.subarray(at, at + 512));
    }).toThrow(InputError);
  });

  it('reads a sparse map that lies across two large chunks', () => {
    const content = Buffer.concat([Buffer.from('1\n0\n1200000\n'.padEnd(512, '\0')), Buffer.alloc(1_200_000, 'x')]);
    const bytes = tarOf([{ path: 's', content, pax: { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '1200000' } }]);
    const start = bytes.indexOf('1\n0\n1200000\n') + 3;
    const { tar, entries } = reader();
    tar.write(bytes.subarray(0, start));
    tar.write(bytes.subarray(start));
    tar.finish();
    expect(entries.map(({ path, size }) => [path, size])).toEqual([['s', 1_200_000]]);
  });

  it('does not merge a megabyte of global records into every entry', () => {
    const global = members([{ path: 'g', flag: 'g', content: Array.from({ length: 70_000 }, (_, i) => record(`k${i}`, '')).join('') }]);
    const file = members([{ path: 'a', pax: { mtime: '1' } }]);
    const { tar, entries } = reader();
    tar.write(global);
    for (let i = 0; i < 20_000; i++) tar.write(file);
    expect(entries).toHaveLength(20_000);
    expect(entries[0]!.pax!.size).toBeLessThan(2000);
  });

  it('takes no map of holes from a global header', () => {
    const global = members([{ path: 'g', flag: 'g', content: record('GNU.sparse.map', '0,1') + record('GNU.sparse.size', '1000') }]);
    const { tar, entries } = reader();
    tar.write(Buffer.concat([global, tarOf([{ path: 'a', content: 'xyz' }])]));
    expect(entries.map(({ size }) => size)).toEqual([3]);
  });

  it('names an entry with a name of a megabyte in one short message', () => {
    const bytes = members([{ path: 'x', flag: 'L', content: 'n'.repeat(1 << 20) }, { path: 'x', content: 'abc' }]);
    const { tar } = reader();
    tar.write(bytes.subarray(0, -500));
    expect(() => tar.finish()).toThrow(/^.{1,400}$/);
  });
});

describe('layers that cost more than they weigh when they are merged', () => {
  it('folds a hundred thousand copies of one package into one, with all their paths', () => {
    const analyser = new LayerAnalyser();
    const body = Buffer.from('{"name":"a","version":"1.0.0"}');
    for (let i = 0; i < 100_000; i++) if (analyser.entry(entry(`x${i}/node_modules/a/package.json`, { size: body.length }))) analyser.data(body);
    const { packages } = mergeLayers([analyser.finish(0)]);
    expect(packages.map((pkg) => pkg.paths.length)).toEqual([100_000]);
  });

  it('looks for paths of two thousand folders in a thousand layers', () => {
    const low = new LayerAnalyser();
    for (let i = 0; i < 100; i++) low.entry(entry(`${'a/'.repeat(2000)}${i}`, { mode: 0o4755 }));
    const other = new LayerAnalyser();
    other.entry(entry('z'));
    const layer = other.finish(0);
    expect(mergeLayers([low.finish(0), ...Array.from({ length: 1000 }, () => layer)]).facts).toHaveLength(100);
  });
});

describe('layers that have more to report than memory', () => {
  const long = `${'d'.repeat(250)}/`.repeat(15);

  it.each([
    ['opaque folders', (i: number) => entry(`${long}${i}/.wh..wh..opq`)],
    ['setuid files', (i: number) => entry(`${long}${i}`, { mode: 0o4755 })],
    ['hard links to files that were not read', (i: number) => entry(`${long}${i}.jar`, { type: 'hardlink', linkPath: `${long}x` })],
  ])('keep some of it and say so: %s', (_what, make) => {
    const analyser = new LayerAnalyser();
    for (let i = 0; i < 20_000; i++) analyser.entry(make(i));
    const { opaque, facts, warnings } = analyser.finish(0);
    expect(opaque.length + facts.length).toBeLessThan(20_000);
    expect(warnings.filter((w) => w.code === 'layer-too-rich')).toEqual([expect.objectContaining({ incomplete: true })]);
  });
});

describe('zstd frames', () => {
  const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
  const SMALL = Buffer.from([...MAGIC, 0x20, 1, (1 << 3) | 3, 0, 0, 65]);
  async function expand(bytes: Buffer): Promise<number> {
    let size = 0;
    async function* input(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(bytes);
    }
    for await (const chunk of decompress(input())) size += chunk.length;
    return size;
  }

  it.each([
    ['in a window', [...MAGIC, 0, 20 << 3]],
    ['in a single segment', [...MAGIC, 0xa0, 0, 0, 0, 0x70]],
    ['behind a skipped frame', [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9, ...MAGIC, 0, 20 << 3]],
  ])('are refused for a gigabyte %s, also when a small one comes first', async (_what, head) => {
    const frame = Buffer.from([...head, (1 << 3) | 3, 0, 0, 65]);
    await expect(expand(Buffer.concat([SMALL, frame]))).rejects.toMatchObject({ code: 'zstd-window' });
  });

  it('are read one after the other', async () => {
    expect(await expand(Buffer.concat([SMALL, SMALL]))).toBe(2);
  });

  it('with a large window and a million tiny blocks are a bomb', () => {
    const frames = new ZstdFrames(MAX_MOVED);
    frames.push(Buffer.from([...MAGIC, 0, 17 << 3]));
    const blocks = Buffer.from([(1 << 3) | 2, 0, 0, 65]);
    expect(() => {
      for (let i = 0; i < 1_000_000; i++) frames.push(blocks);
    }).toThrow(/bomb/);
  });
});
