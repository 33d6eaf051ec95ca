/** What this machine could do at best with one core: the floor under every scanner that checks digests. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip, gzipSync } from 'node:zlib';
import { median } from './measure.ts';
import type { BenchImage } from './images.ts';

export interface Limits {
  /** MB/s, 10⁶ bytes, on one core. */
  read: number;
  sha256: number;
  gunzip: number;
}

export interface Floor {
  /** Seconds to read the archive and hash it. */
  archive: number;
  /** Seconds to read, hash, decompress and hash again the layers of the layout. */
  layout: number;
}

/** Rates over a real layer's bytes, median of `runs`. */
export async function measureLimits(image: BenchImage, runs: number): Promise<Limits> {
  const sample = firstBytes(image.archive, 128_000_000);
  const packed = gzipSync(sample, { level: 6 });
  const rate = (seconds: number[]) => sample.length / 1e6 / median(seconds);
  const read: number[] = [];
  const hash: number[] = [];
  const gunzip: number[] = [];
  for (let i = 0; i < runs; i++) {
    read.push(timed(() => firstBytes(image.archive, sample.length)));
    hash.push(timed(() => createHash('sha256').update(sample).digest()));
    gunzip.push(await timedAsync(() => drain(packed, () => undefined)));
  }
  return { read: rate(read), sha256: rate(hash), gunzip: rate(gunzip) };
}

/** The least that a scan of this image has to do, measured on its own bytes; processor seconds, median of `runs`. */
export async function measureFloor(image: BenchImage, runs: number): Promise<Floor> {
  const archive: number[] = [];
  const layout: number[] = [];
  for (let i = 0; i < runs; i++) {
    archive.push(await cpuOf(async () => {
      hashFile(image.archive);
    }));
    layout.push(await cpuOf(async () => {
      for (const digest of layerDigests(image.layout)) {
        const blob = readFileSync(join(image.layout, 'blobs/sha256', digest));
        createHash('sha256').update(blob).digest();
        const inner = createHash('sha256');
        await drain(blob, (chunk) => inner.update(chunk));
        inner.digest();
      }
    }));
  }
  return { archive: median(archive), layout: median(layout) };
}

function layerDigests(layout: string): string[] {
  const blob = (digest: string) => JSON.parse(readFileSync(join(layout, 'blobs/sha256', bare(digest)), 'utf8')) as { layers: { digest: string }[] };
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: { digest: string }[] };
  return index.manifests.flatMap((manifest) => blob(manifest.digest).layers.map((layer) => bare(layer.digest)));
}

function bare(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

function hashFile(path: string): void {
  const fd = openSync(path, 'r');
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(1 << 20);
  for (let n = readSync(fd, chunk); n > 0; n = readSync(fd, chunk)) hash.update(chunk.subarray(0, n));
  closeSync(fd);
  hash.digest();
}

function firstBytes(path: string, length: number): Buffer {
  const fd = openSync(path, 'r');
  const out = Buffer.allocUnsafe(Math.min(length, fstatSync(fd).size));
  let at = 0;
  while (at < out.length) at += readSync(fd, out, at, Math.min(1 << 20, out.length - at), at);
  closeSync(fd);
  return out;
}

async function drain(packed: Buffer, take: (chunk: Buffer) => void): Promise<void> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  gunzip.end(packed);
  for await (const chunk of gunzip) take(chunk as Buffer);
}

function timed(work: () => unknown): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

async function timedAsync(work: () => Promise<void>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1e6;
}
