import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { osvRecord, scratchFolders, writeMirror, zipOf } from '../feeds/feeds.fixtures.ts';
import { openDatabase } from './open.ts';
import { updateDatabase, type UpdateProgress } from './update.ts';

const PATH = '/mirror/osv/Debian/all.zip';
const feed = (fixed: string) => zipOf({ 'DSA-1.json': osvRecord('DSA-1', 'Debian:12', 'curl', fixed, { details: 'x'.repeat(5000) }) }, { stored: true });
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

interface Served {
  body: Buffer;
  etag?: string;
  lastModified?: string;
}

/** A static file server that knows conditional and range requests, and can be told to misbehave. */
class Mirror {
  readonly files = new Map<string, Served>();
  readonly seen: { url: string; headers: IncomingMessage['headers']; status: number }[] = [];
  /** Called first; returns true when it answered. */
  misbehave: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  private readonly server: Server = createServer((request, response) => this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/mirror`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  requests(path: string): { headers: IncomingMessage['headers']; status: number }[] {
    return this.seen.filter(({ url }) => url === path);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = '', headers } = request;
    response.on('close', () => this.seen.push({ url, headers, status: response.statusCode }));
    if (this.misbehave?.(request, response)) return;
    const file = this.files.get(url);
    if (!file) return void response.writeHead(404).end();
    const { body, etag, lastModified } = file;
    if (etag) response.setHeader('etag', etag);
    if (lastModified) response.setHeader('last-modified', lastModified);
    const same = etag ? headers['if-none-match'] === etag : lastModified && headers['if-modified-since'] === lastModified;
    if (same) return void response.writeHead(304).end();
    const from = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
    const current = headers['if-range'] !== undefined && [etag, lastModified].includes(headers['if-range'] as string);
    if (from !== undefined && current) {
      const rest = body.subarray(Number(from));
      response.writeHead(206, { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}`, 'content-length': rest.length });
      return void response.end(rest);
    }
    response.writeHead(200, { 'content-length': body.length }).end(body);
  }
}

const scratch = scratchFolders();
let mirror: Mirror;
let from: string;
let dir: string;

beforeEach(async () => {
  mirror = new Mirror();
  from = await mirror.start();
  dir = join(scratch.make(), 'db');
  mirror.files.set(PATH, { body: feed('1'), etag: '"v1"' });
});
afterEach(async () => {
  await mirror.stop();
  scratch.clean();
});

const update = (more: object = {}) => updateDatabase({ from, dir, pauseMs: 1, ...more });
const fixedIn = (file = join(dir, 'plimsoll.db')) => {
  const database = openDatabase(file);
  const found = database.advisoriesFor('Debian:12', 'curl')[0]?.ranges[0]?.events[1]?.fixed;
  database.close();
  return found;
};

describe('updating from a mirror server', () => {
  it('fetches what is there and builds the database', async () => {
    mirror.files.set('/mirror/kev/known_exploited_vulnerabilities.json', { body: Buffer.from('{"vulnerabilities":[]}') });
    const progress: UpdateProgress[] = [];
    const { info, file, changed } = await update({ onProgress: (step: UpdateProgress) => progress.push(step) });
    expect({ file, changed }).toEqual({ file: join(dir, 'plimsoll.db'), changed: true });
    expect(info.feeds.map(({ name, url, sha256: sum }) => [name, url, sum])).toEqual([
      ['osv/Debian', `${from}/osv/Debian/all.zip`, sha256(feed('1'))],
      ['kev', `${from}/kev/known_exploited_vulnerabilities.json`, expect.any(String)],
    ]);
    expect(fixedIn()).toBe('1');
    const size = feed('1').length;
    expect(progress).toContainEqual(expect.objectContaining({ phase: 'download', feed: 'osv/Debian', bytes: { received: size, total: size } }));
    expect(progress.at(-1)).toMatchObject({ phase: 'build', step: 'database' });
    expect(readdirSync(dir).sort()).toEqual(['feeds', 'plimsoll.db']);
  });

  it.each([
    ['etag', { etag: '"v1"' }],
    ['weak etag', { etag: 'W/"v1"' }],
    ['last-modified', { lastModified: 'Wed, 21 Oct 2025 07:28:00 GMT' }],
  ])('asks only whether a feed changed: %s', async (_name, validator) => {
    mirror.files.set(PATH, { body: feed('1'), ...validator });
    await update();
    const { changed } = await update();
    expect(changed).toBe(false);
    expect(mirror.requests(PATH).map(({ status }) => status)).toEqual([200, 304]);
    mirror.files.set(PATH, { body: feed('2'), etag: '"v2"' });
    expect((await update()).changed).toBe(true);
    expect(fixedIn()).toBe('2');
  });

  it('goes on where a transfer broke off', async () => {
    const { body } = mirror.files.get(PATH)!;
    let cut = true;
    mirror.misbehave = ({ url }, response) => {
      if (url !== PATH || !cut) return false;
      cut = false;
      response.writeHead(200, { 'content-length': body.length, etag: '"v1"' });
      response.write(body.subarray(0, 1000), () => response.destroy());
      return true;
    };
    await update();
    const [, second] = mirror.requests(PATH);
    expect(second).toMatchObject({ status: 206, headers: { range: expect.stringMatching(/^bytes=\d+-$/), 'if-range': '"v1"' } });
    expect(readFileSync(join(dir, 'feeds/osv/Debian/all.zip')).equals(body)).toBe(true);
    expect(fixedIn()).toBe('1');
  });

  it('goes on in a later run, but starts over when the file changed meanwhile', async () => {
    const { body } = mirror.files.get(PATH)!;
    mirror.misbehave = ({ url }, response) => {
      if (url !== PATH) return false;
      response.writeHead(200, { 'content-length': body.length, etag: '"v1"' });
      response.write(body.subarray(0, 1000), () => response.destroy());
      return true;
    };
    await expect(update()).rejects.toMatchObject({ code: 'feed-unreachable', message: expect.stringContaining(PATH) });
    expect(existsSync(join(dir, 'plimsoll.db'))).toBe(false);
    mirror.misbehave = undefined;
    mirror.files.set(PATH, { body: feed('2'), etag: '"v2"' });
    await update();
    expect(mirror.requests(PATH).at(-1)).toMatchObject({ status: 200, headers: { 'if-range': '"v1"' } });
    expect(fixedIn()).toBe('2');
  });

  it('starts over when the server cannot give the rest', async () => {
    mkdirSync(join(dir, 'feeds/osv/Debian'), { recursive: true });
    const part = join(dir, 'feeds/osv/Debian/all.zip.part');
    writeFileSync(part, 'x'.repeat(90_000));
    writeFileSync(`${part}.json`, JSON.stringify({ url: `${from}/osv/Debian/all.zip`, etag: '"v1"' }));
    mirror.misbehave = ({ url, headers }, response) => {
      if (url !== PATH || headers.range === undefined) return false;
      response.writeHead(416).end();
      return true;
    };
    await update();
    expect(mirror.requests(PATH).map(({ status }) => status)).toEqual([416, 200]);
    expect(fixedIn()).toBe('1');
  });

  it('keeps the database when the server fails, after a few tries', async () => {
    await update();
    mirror.misbehave = ({ url }, response) => {
      if (url !== PATH) return false;
      response.writeHead(500).end();
      return true;
    };
    await expect(update()).rejects.toMatchObject({ code: 'feed-unreachable', message: expect.stringContaining('500') });
    expect(mirror.requests(PATH).map(({ status }) => status)).toEqual([200, 500, 500, 500]);
    expect(fixedIn()).toBe('1');
    expect(readdirSync(dir).sort()).toEqual(['feeds', 'plimsoll.db']);
    mirror.misbehave = (_request, response) => {
      response.writeHead(403).end();
      return true;
    };
    await expect(update()).rejects.toMatchObject({ code: 'feed-refused' });
  });

  it('keeps the database when a feed arrives broken, and fetches it anew the next time', async () => {
    await update();
    mirror.files.set(PATH, { body: feed('2').subarray(0, 900), etag: '"v2"' });
    await expect(update()).rejects.toMatchObject({ code: 'feed-truncated' });
    expect(fixedIn()).toBe('1');
    mirror.files.set(PATH, { body: feed('2'), etag: '"v2"' });
    await update();
    expect(fixedIn()).toBe('2');
  });

  it('compares the checksum that a mirror serves', async () => {
    mirror.files.set(`${PATH}.sha256`, { body: Buffer.from(`${sha256(feed('1'))}  all.zip\n`) });
    await update();
    mirror.files.set(PATH, { body: feed('2'), etag: '"v2"' });
    await expect(update()).rejects.toMatchObject({ code: 'feed-checksum' });
    expect(fixedIn()).toBe('1');
    mirror.files.set(`${PATH}.sha256`, { body: Buffer.from(sha256(feed('2'))) });
    await update();
    expect(fixedIn()).toBe('2');
  });

  it('leaves out what a mirror does not have, and forgets what it no longer has', async () => {
    const kev = '/mirror/kev/known_exploited_vulnerabilities.json';
    mirror.files.set(kev, { body: Buffer.from('{"vulnerabilities":[]}') });
    expect((await update()).info.feeds).toHaveLength(2);
    mirror.files.delete(kev);
    expect((await update()).info.feeds).toHaveLength(1);
  });

  it('insists on ecosystems that were asked for', async () => {
    await expect(update({ ecosystems: ['Debian', 'Go'] })).rejects.toMatchObject({ code: 'feed-absent', message: expect.stringContaining('/osv/Go/all.zip') });
    expect((await update({ ecosystems: ['Debian'] })).info.ecosystems).toEqual(['Debian:12']);
    mirror.files.clear();
    await expect(update()).rejects.toMatchObject({ code: 'feeds-missing' });
  });

  it('sends the user of the address as a header and keeps it out of the database', async () => {
    await updateDatabase({ from: from.replace('//', '//joe:s%40crt@'), dir, pauseMs: 1 });
    expect(mirror.requests(PATH)[0]!.headers.authorization).toBe(`Basic ${Buffer.from('joe:s@crt').toString('base64')}`);
    expect(JSON.stringify(openDatabase(join(dir, 'plimsoll.db')).info)).not.toContain('crt');
  });

  it('takes a body that came compressed', async () => {
    mirror.misbehave = ({ url }, response) => {
      if (url !== PATH) return false;
      const packed = gzipSync(feed('3'));
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
      return true;
    };
    await update();
    expect(fixedIn()).toBe('3');
  });

  it('lets one update run at a time', async () => {
    const results = await Promise.allSettled([update(), update()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'update-running' } });
    await update();
  });
});

describe('updating from elsewhere', () => {
  it('takes a mirror folder, by path or file address, and knows when nothing changed', async () => {
    const folder = writeMirror(scratch.make(), { 'osv/Debian/all.zip': feed('7') });
    expect(await updateDatabase({ from: folder, dir })).toMatchObject({ changed: true });
    expect(await updateDatabase({ from: pathToFileURL(folder).href, dir })).toMatchObject({ changed: false });
    expect(fixedIn()).toBe('7');
    expect(readdirSync(folder)).toEqual(['osv']);
    await expect(updateDatabase({ from: join(folder, 'none'), dir })).rejects.toMatchObject({ code: 'feeds-missing' });
    expect(fixedIn()).toBe('7');
  });

  it('removes what a killed build left', async () => {
    const folder = writeMirror(scratch.make(), { 'osv/Debian/all.zip': feed('7') });
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, '.plimsoll.db.123.abcd.tmp'), 'x');
    await updateDatabase({ from: folder, dir });
    expect(readdirSync(dir)).toEqual(['plimsoll.db']);
  });

  it('asks the publishers, and finds the CVE list by its release', async () => {
    const asked: string[] = [];
    const bodies: [RegExp, () => Buffer | string][] = [
      [/\/Debian\/all\.zip$/, () => feed('9')],
      [/known_exploited/, () => '{"vulnerabilities":[]}'],
      [/epss_scores/, () => gzipSync('cve,epss,percentile\nCVE-2023-1000,0.5,0.5\n')],
      [/releases\/latest$/, () => JSON.stringify({ assets: [{ name: 'x' }, { name: '2026-01-01_all_CVEs_at_midnight.zip.zip', browser_download_url: 'https://example.org/asset' }] })],
      [/example\.org\/asset$/, () => zipOf({ 'cves.zip': zipOf({ 'CVE-2023-1000.json': { cveMetadata: { cveId: 'CVE-2023-1000' } } }) })],
    ];
    const publishers = (async (input: string | URL | Request) => {
      asked.push(String(input));
      const body = bodies.find(([pattern]) => pattern.test(String(input)))?.[1]();
      return new Response(body === undefined ? null : Buffer.from(body), { status: body === undefined ? 404 : 200 });
    }) as typeof fetch;
    const { info } = await updateDatabase({ dir, fetch: publishers, ecosystems: ['Debian'] });
    expect(info.feeds.map(({ name }) => name)).toEqual(['osv/Debian', 'kev', 'epss', 'cve5']);
    expect(info.feeds[3]).toMatchObject({ url: 'https://example.org/asset', records: 1 });
    expect(asked.every((url) => url.startsWith('https://') && !url.endsWith('.sha256'))).toBe(true);
    await expect(updateDatabase({ dir, fetch: publishers, ecosystems: ['Debian', 'Red Hat'] })).rejects.toMatchObject({ code: 'feed-absent' });
    expect(asked.at(-1)).toContain('/Red%20Hat/all.zip');
  });
});
