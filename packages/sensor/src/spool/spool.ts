import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@plimsoll/model';
import type { Message, MessageBody } from '@plimsoll/model/api';
import { HEAD, MAX_PAYLOAD, type RecordClass } from './record.ts';
import { Segment, syncFolder } from './segment.ts';

export interface SpoolOptions {
  /** Bytes on disk. */
  limit: number;
  /** Bytes after which a new file is begun. Default: a 64th of the limit, at most 4 MiB. */
  segmentSize?: number;
  /** Called when state messages had to go: a new snapshot is due. */
  onStateDropped?: () => void;
}

export interface Batch {
  messages: Message[];
  /** Number of the last one. */
  lastSeq: number;
}

/** Events that were seen and could not be kept. */
interface Loss {
  from: string;
  to: string;
  dropped: number;
}

/** After making room the spool is this full, so that room is not made for each message anew. */
const AFTER_CLEARING = 0.75;
/** A file of at most so many bytes is not worth a new one. */
const SMALL = 64 << 10;
const EPOCH = /^[0-9a-f]{32}$/;

/**
 * The messages that the server does not have yet, on disk. A message is kept when `append` returns: a killed
 * process loses none. Only what is synced to the disk is sent, so a number is never given to two messages.
 *
 * One folder per epoch holds files that are only appended to; acknowledged ones are removed.
 */
export class Spool {
  readonly #root: string;
  readonly #options: Required<Pick<SpoolOptions, 'limit' | 'segmentSize'>> & SpoolOptions;
  #epoch: string;
  #segments: Segment[] = [];
  #acked = 0;
  /** Where the first record that is not acknowledged begins in the first file. */
  #offset = 0;
  #dropped = 0;
  #loss: Loss | undefined;
  #waiting: (() => void)[] = [];

  /** @throws InputError `state-dir-unusable` */
  constructor(folder: string, options: SpoolOptions) {
    this.#root = folder;
    this.#options = { segmentSize: Math.max(4096, Math.min(4 << 20, Math.floor(options.limit / 64))), ...options };
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const names = readdirSync(folder);
      for (const name of names) if (name.endsWith('.part')) rmSync(join(folder, name), { recursive: true, force: true });
      const epochs = names.filter((name) => EPOCH.test(name));
      this.#epoch = epochs[0] ?? randomBytes(16).toString('hex');
      for (const other of epochs.slice(1)) rmSync(join(folder, other), { recursive: true, force: true });
      this.#open();
    } catch (error) {
      throw new InputError('state-dir-unusable', `the spool in ${folder} cannot be used: ${(error as Error).message}`, { cause: error });
    }
  }

  #folder(): string {
    return join(this.#root, this.#epoch);
  }

  #open(): void {
    const folder = this.#folder();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = readdirSync(folder);
    for (const name of names) if (name.endsWith('.new')) rmSync(join(folder, name), { force: true });
    this.#segments = names.filter((name) => Segment.isName(name)).sort().map((name) => Segment.open(join(folder, name)));
    if (this.#segments.length === 0) this.#segments.push(Segment.create(folder, 1, 0n));
    for (const segment of this.#segments.slice(0, -1)) segment.close();
    this.#acked = this.#segments[0]!.firstSeq - 1;
    this.#offset = 0;
  }

  /** Random name of this spool's numbering. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Messages waiting. */
  get length(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.records, 0);
  }

  /** Messages that went unsent since the process started. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Up to where the engine's events were taken up, in nanoseconds since 1970; 0 for never. */
  get cursor(): bigint {
    return this.#last.cursor;
  }

  get #last(): Segment {
    return this.#segments.at(-1)!;
  }

  get #size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  /**
   * Keeps a message.
   * @param cursor up to where the engine's events are taken up with it
   * @returns false when there was no room for it, which is then counted
   */
  append(body: MessageBody, time = new Date(), cursor = 0n): boolean {
    const payload = Buffer.from(JSON.stringify({ time: time.toISOString(), body }));
    const kind = classOf(body);
    try {
      if (payload.length > MAX_PAYLOAD) throw new Error('the message is larger than any may be');
      if (this.#size + payload.length > this.#options.limit) this.#clear(payload.length);
      if (this.#size + payload.length > this.#options.limit) throw new Error('the spool is full');
      this.#write(kind, payload, cursor);
      this.#tellLoss();
    } catch {
      const lost = eventsIn(body);
      this.#dropped += lost;
      if (body.kind === 'activity') this.#loss = { from: this.#loss?.from ?? time.toISOString(), to: time.toISOString(), dropped: (this.#loss?.dropped ?? 0) + lost };
      if (kind === 'state') this.#options.onStateDropped?.();
      return false;
    }
    for (const wake of this.#waiting.splice(0)) wake();
    return true;
  }

  /** Says what could not be written, once something can be written again. */
  #tellLoss(): void {
    if (!this.#loss) return;
    this.#writeGap(this.#loss, 'The disk was full.');
    this.#loss = undefined;
  }

  #writeGap(loss: Loss, reason: string): void {
    this.#write('result', Buffer.from(JSON.stringify({ time: loss.to, body: { kind: 'gap', ...loss, reason } })), 0n);
  }

  #write(kind: RecordClass, payload: Buffer, cursor: bigint): void {
    if (this.#last.size >= this.#options.segmentSize) this.#begin();
    this.#last.append({ seq: this.#last.lastSeq + 1, class: kind, cursor: cursor > this.#last.cursor ? cursor : this.#last.cursor, payload });
  }

  #begin(): void {
    const { lastSeq, cursor } = this.#last;
    this.#last.sync();
    const previous = this.#last;
    this.#segments.push(Segment.create(this.#folder(), lastSeq + 1, cursor));
    previous.close();
  }

  /** Makes what was appended safe against a power cut. */
  sync(): void {
    this.#last.sync();
  }

  /**
   * The oldest messages, as many as fit, and at least one when there is any.
   * They stay until they are acknowledged.
   */
  peek(maxMessages: number, maxBytes: number): Batch {
    this.sync();
    const messages: Message[] = [];
    let bytes = 0;
    let lastSeq = this.#acked;
    for (const [index, segment] of this.#segments.entries()) {
      for (const { record } of segment.read(index === 0 ? this.#offset : 0)) {
        if (record.seq <= this.#acked) continue;
        if (messages.length > 0 && bytes + record.payload.length > maxBytes) return { messages, lastSeq };
        const { time, body } = JSON.parse(record.payload.toString('utf8')) as Omit<Message, 'seq'>;
        messages.push({ seq: record.seq, time, body });
        bytes += record.payload.length;
        lastSeq = record.seq;
        if (messages.length >= maxMessages || bytes >= maxBytes) return { messages, lastSeq };
      }
      if (segment !== this.#last) segment.close();
    }
    return { messages, lastSeq };
  }

  /**
   * Forgets the messages up to this number.
   * @returns false when the server has more than was ever sent: this spool is older than what the server knows
   */
  acknowledge(seq: number): boolean {
    if (seq > this.#last.lastSeq) return false;
    if (seq <= this.#acked) return true;
    this.#acked = seq;
    // The last file stays, or gives its number on: a restart must know which number comes next. A small one stays,
    // and is sent again after a restart; the server skips what it has.
    if (this.#last.lastSeq <= seq && this.#last.size > SMALL) this.#begin();
    while (this.#segments.length > 1 && this.#segments[0]!.lastSeq <= seq) {
      this.#segments.shift()!.remove();
      this.#offset = 0;
    }
    for (const { record, end } of this.#segments[0]!.read(this.#offset)) {
      if (record.seq > seq) break;
      this.#segments[0]!.counts[record.class]--;
      this.#offset = end;
    }
    return true;
  }

  /** Drops one message that the server will never take, and says so to it. */
  refuse(seq: number, reason: string): void {
    const [message] = this.peek(1, 0).messages;
    if (message?.seq !== seq) return;
    this.acknowledge(seq);
    this.#dropped++;
    this.append({ kind: 'gap', from: message.time, to: message.time, dropped: eventsIn(message.body), reason: reason.slice(0, 300) });
  }

  /** Numbers all that waits anew under a new epoch, for when the numbering was set back with the disk. */
  renew(): void {
    const oldFolder = this.#folder();
    const old = this.#segments;
    const offset = this.#offset;
    const acked = this.#acked;
    const cursor = this.cursor;
    const epoch = randomBytes(16).toString('hex');
    // Not under an epoch's name until it is whole.
    const fresh = join(this.#root, `${epoch}.part`);
    mkdirSync(fresh, { mode: 0o700 });
    const copy = Segment.create(fresh, 1, cursor);
    for (const [index, segment] of old.entries()) {
      for (const { record } of segment.read(index === 0 ? offset : 0)) if (record.seq > acked) copy.append({ ...record, seq: copy.lastSeq + 1 });
      segment.close();
    }
    copy.sync();
    copy.close();
    renameSync(fresh, join(this.#root, epoch));
    syncFolder(this.#root);
    // Cut off here, either will do: both hold the same, and the old one leads here again.
    rmSync(oldFolder, { recursive: true, force: true });
    this.#epoch = epoch;
    this.#open();
    this.#options.onStateDropped?.();
  }

  /** Resolves when there is a message, or the signal is aborted. */
  async filled(signal: AbortSignal): Promise<void> {
    if (this.length > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.push(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Makes room: first activity goes, oldest first, and is counted as a gap; then state; then results, oldest first. */
  #clear(needed: number): void {
    const goal = this.#options.limit * AFTER_CLEARING - needed;
    const gap: Loss = { from: '', to: '', dropped: 0 };
    this.#dropOldest('activity', goal, (message) => {
      gap.from ||= message.time;
      gap.to = message.time;
      gap.dropped += eventsIn(message.body);
    });
    let state = 0;
    if (this.#size > goal) state = this.#dropOldest('state', 0);
    if (this.#size > goal) this.#dropOldest('result', goal);
    if (gap.dropped > 0) {
      this.#writeGap(gap, 'The spool was full.');
    }
    if (state > 0) this.#options.onStateDropped?.();
  }

  #dropOldest(kind: RecordClass, goal: number, seen?: (message: Omit<Message, 'seq'>) => void): number {
    let dropped = 0;
    for (const segment of this.#segments) {
      if (this.#size <= goal) break;
      if (segment.counts[kind] === 0) continue;
      let size = this.#size;
      segment.keep((record) => {
        if (record.seq <= this.#acked) return false;
        if (record.class !== kind || size <= goal) return true;
        size -= HEAD + record.payload.length;
        dropped++;
        if (seen) seen(JSON.parse(record.payload.toString('utf8')) as Omit<Message, 'seq'>);
        return false;
      });
      if (segment === this.#segments[0]) this.#offset = 0;
      if (segment !== this.#last) segment.close();
    }
    this.#dropped += dropped;
    return dropped;
  }

  close(): void {
    this.sync();
    for (const segment of this.#segments) segment.close();
  }
}

function eventsIn(body: MessageBody): number {
  return body.kind === 'activity' ? body.events.length : 1;
}

function classOf(body: MessageBody): RecordClass {
  switch (body.kind) {
    case 'activity':
      return 'activity';
    case 'sbom':
    case 'host-sbom':
    case 'scan-failed':
    case 'gap':
      return 'result';
    default:
      return 'state';
  }
}
