import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MessageBody } from '@plimsoll/model/api';
import { Spool } from './spool.ts';

const TIME = '2026-01-01T00:00:00.000Z';
let root: string;
let folder: string;
let count = 0;
beforeAll(() => (root = mkdtempSync(join(tmpdir(), 'plimsoll-spool-'))));
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => (folder = join(root, String(count++))));

function activity(number: number, padding = 0): MessageBody {
  return { kind: 'activity', events: [{ time: TIME, kind: 'test', severity: 1, message: String(number), containerId: null, imageId: null, detail: { padding: 'x'.repeat(padding) } }] };
}

function numberOf(body: MessageBody): number {
  return body.kind === 'activity' ? Number(body.events[0]!.message) : -1;
}

function files(): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name)).sort();
}

const bytes = () => files().reduce((sum, file) => sum + statSync(file).size, 0);
const sent = (spool: Spool) => spool.peek(500, 1 << 20).messages;

describe('the spool', () => {
  it('numbers from 1, keeps order over restarts, and forgets what is acknowledged', () => {
    let spool = new Spool(folder, { limit: 1 << 20 });
    const { epoch } = spool;
    for (let i = 1; i <= 3; i++) spool.append(activity(i), new Date(TIME), BigInt(i));
    expect(sent(spool).map(({ seq, body }) => [seq, numberOf(body)])).toEqual([[1, 1], [2, 2], [3, 3]]);
    spool.acknowledge(2);
    expect(spool.length).toBe(1);
    spool.close();
    spool = new Spool(folder, { limit: 1 << 20 });
    expect(spool.epoch).toBe(epoch);
    expect(spool.cursor).toBe(3n);
    expect(sent(spool).at(-1)).toMatchObject({ seq: 3, time: TIME });
    spool.acknowledge(3);
    spool.append(activity(4));
    expect(sent(spool).map(({ seq }) => seq)).toEqual([4]);
    spool.close();
  });

  it('never gives a number twice, also when all was acknowledged and removed', () => {
    let spool = new Spool(folder, { limit: 1 << 20, segmentSize: 4096 });
    for (let i = 1; i <= 200; i++) spool.append(activity(i, 500), new Date(), BigInt(i));
    spool.acknowledge(200);
    expect(bytes()).toBeLessThan(4096);
    spool.close();
    spool = new Spool(folder, { limit: 1 << 20 });
    expect(spool.cursor).toBe(200n);
    spool.append(activity(201));
    // The last few may come again, by their own numbers: the server skips what it has.
    expect(sent(spool).at(-1)).toMatchObject({ seq: 201, body: activity(201) });
    expect(sent(spool).every(({ seq, body }) => numberOf(body) === seq)).toBe(true);
    spool.close();
  });

  it('sends batches no larger than asked, but at least one message', () => {
    const spool = new Spool(folder, { limit: 1 << 20 });
    for (let i = 0; i < 10; i++) spool.append(activity(i, 1000));
    expect(spool.peek(4, 1 << 20).messages).toHaveLength(4);
    expect(spool.peek(500, 3000).messages).toHaveLength(2);
    expect(spool.peek(500, 10).messages).toHaveLength(1);
    spool.close();
  });

  it('finds a last record that was cut or spoilt, and goes on before it', () => {
    for (const spoil of [(file: string) => truncateSync(file, statSync(file).size - 5), (file: string) => appendFileSync(file, Buffer.from([0xa7, 0, 0, 0, 9])), (file: string) => appendFileSync(file, Buffer.alloc(4096))]) {
      folder = join(root, String(count++));
      let spool = new Spool(folder, { limit: 1 << 20 });
      spool.append(activity(1));
      spool.append(activity(2));
      spool.close();
      spoil(files().at(-1)!);
      spool = new Spool(folder, { limit: 1 << 20 });
      const left = sent(spool).map(({ seq }) => seq);
      expect([[1], [1, 2]]).toContainEqual(left);
      spool.append(activity(3));
      expect(sent(spool).map(({ body }) => numberOf(body)).at(-1)).toBe(3);
      expect(sent(spool).map(({ seq }) => seq)).toEqual([...left, left.length + 1]);
      spool.close();
    }
  });

  it('when full drops the oldest activity first, counts it, and stays within its limit', () => {
    let asked = 0;
    const limit = 200_000;
    const spool = new Spool(folder, { limit, segmentSize: 16_384, onStateDropped: () => asked++ });
    spool.append({ kind: 'container-gone', containerId: 'a'.repeat(64) });
    spool.append({ kind: 'scan-failed', imageId: `sha256:${'0'.repeat(64)}`, code: 'x', reason: 'y' });
    for (let i = 1; i <= 1000; i++) {
      spool.append(activity(i, 1000));
      expect(bytes()).toBeLessThanOrEqual(limit + 2000);
    }
    const left = spool.peek(10_000, 1 << 24).messages.map(({ body }) => body);
    const kept = left.filter((body) => body.kind === 'activity').map(numberOf);
    const lost = left.reduce((sum, body) => sum + (body.kind === 'gap' ? body.dropped : 0), 0);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 1001 - kept.length + i));
    expect(lost + kept.length).toBe(1000);
    expect(left.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['container-gone', 'scan-failed']));
    expect(asked).toBe(0);
    spool.close();
  });

  it('when state fills it, drops that and asks for a new snapshot', () => {
    let asked = 0;
    const spool = new Spool(folder, { limit: 100_000, segmentSize: 8192, onStateDropped: () => asked++ });
    spool.append({ kind: 'scan-failed', imageId: `sha256:${'0'.repeat(64)}`, code: 'x', reason: 'y' });
    for (let i = 0; i < 2000; i++) spool.append({ kind: 'container-gone', containerId: i.toString(16).padStart(64, '0') });
    expect(asked).toBeGreaterThan(0);
    expect(spool.peek(10_000, 1 << 24).messages.map(({ body }) => body.kind)).toContain('scan-failed');
    spool.close();
  });

  it('numbers anew when the server knows more than it ever held', () => {
    const spool = new Spool(folder, { limit: 1 << 20 });
    for (let i = 1; i <= 5; i++) spool.append(activity(i));
    spool.acknowledge(2);
    const { epoch } = spool;
    expect(spool.acknowledge(99)).toBe(false);
    spool.renew();
    expect(spool.epoch).not.toBe(epoch);
    expect(sent(spool).map(({ seq, body }) => [seq, numberOf(body)])).toEqual([[1, 3], [2, 4], [3, 5]]);
    spool.close();
  });

  it('holds whatever is done to it, in any order', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), size: fc.nat(3000) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), size: fc.integer({ min: 1, max: 30 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), size: fc.nat(20) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        folder = join(root, String(count++));
        let spool = new Spool(folder, { limit: 1 << 24, segmentSize: 4096 });
        let appended = 0;
        const server: number[] = [];
        let acked = 0;
        const send = (size: number) => {
          const batch = spool.peek(size, 1 << 20);
          for (const { seq, body } of batch.messages) {
            if (seq <= acked) continue;
            acked = seq;
            server.push(numberOf(body));
          }
          // An answer may be lost; the next one tells as much.
          if (size % 3 > 0) spool.acknowledge(acked);
        };
        for (const { do: what, size } of steps) {
          if (what === 'append') expect(spool.append(activity(++appended, size))).toBe(true);
          else if (what === 'send') send(size);
          else {
            // Not closed: as when the process is killed, with half a record written.
            appendFileSync(files().at(-1)!, Buffer.alloc(size, 0xa7));
            spool = new Spool(folder, { limit: 1 << 24, segmentSize: 4096 });
          }
        }
        while (spool.peek(1, 1).lastSeq > acked || spool.length > 0) {
          send(499);
          spool.acknowledge(acked);
        }
        expect(server).toEqual(Array.from({ length: appended }, (_, i) => i + 1));
        spool.close();
        rmSync(folder, { recursive: true, force: true });
      }),
      { numRuns: 60 },
    );
  });
});

describe('the spool of a process that is killed', () => {
  it('has every message that was taken, once', async () => {
    const script = join(root, 'writer.mjs');
    await build({
      stdin: {
        contents: `
          import { writeSync } from 'node:fs';
          import { Spool } from './spool.ts';
          const spool = new Spool(process.argv[2], { limit: 1 << 28, segmentSize: 65536 });
          for (let i = Number(process.argv[3]); ; i++) {
            spool.append({ kind: 'activity', events: [{ time: '${TIME}', kind: 'test', severity: 1, message: String(i), containerId: null, imageId: null, detail: { padding: 'x'.repeat(i % 2000) } }] });
            writeSync(1, i + '\\n');
            if (i % 7 === 0) spool.sync();
          }`,
        resolveDir: import.meta.dirname,
        loader: 'ts',
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: script,
      logLevel: 'error',
    });
    let next = 1;
    let got = 0;
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, [script, folder, String(next)], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (said.length > 500 + round * 900) child.kill('SIGKILL');
        });
        child.once('close', () => resolve());
      });
      const taken = Number(said.trim().split('\n').at(-1));
      const spool = new Spool(folder, { limit: 1 << 28, segmentSize: 65536 });
      const numbers: number[] = [];
      for (let batch = spool.peek(500, 1 << 20); batch.messages.length > 0; batch = spool.peek(500, 1 << 20)) {
        numbers.push(...batch.messages.filter(({ seq }) => seq > got).map(({ body }) => numberOf(body)));
        got = batch.lastSeq;
        spool.acknowledge(batch.lastSeq);
      }
      // One more may be there: written, and not yet said.
      expect(numbers.at(-1)).toBeGreaterThanOrEqual(taken);
      expect(numbers.at(-1)).toBeLessThanOrEqual(taken + 1);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => next + i));
      next = numbers.at(-1)! + 1;
      spool.close();
    }
  });
});
