import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '@plimsoll/model';
import type { Feed, FeedFile } from './feed.ts';
import { isCve, time } from './json.ts';

const FILE: FeedFile = {
  name: 'epss',
  path: 'epss/epss_scores-current.csv.gz',
  url: 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz',
};

const MAX_LINE = 1000;
/** 300,000 rows take 10 MB. */
const MAX_BYTES = 1024 * 1024 * 1024;
const ROW = /^(CVE-\d{4}-\d{4,12}),([\d.]{1,20}(?:e-?\d{1,3})?),([\d.]{1,20}(?:e-?\d{1,3})?)$/;

/**
 * FIRST's daily exploit predictions: a comment with the model's day, a header, then
 * `cve,epss,percentile` rows.
 * @see https://www.first.org/epss/data_stats
 */
export const epss: Feed = {
  name: 'epss',

  published: () => [FILE],

  inFolder(root) {
    const plain = FILE.path.slice(0, -'.gz'.length);
    const path = [FILE.path, plain].find((candidate) => existsSync(join(root, candidate)));
    return path === undefined ? [] : [{ ...FILE, path }];
  },

  async read(path, _file, sink, { onRecords }) {
    let records = 0;
    let number = 0;
    let asOf: string | undefined;
    for await (const line of lines(path)) {
      number++;
      if (line === '' || line === 'cve,epss,percentile') continue;
      if (line.startsWith('#')) {
        asOf ??= time(/score_date:([^,\s]+)/.exec(line)?.[1]);
        continue;
      }
      const row = ROW.exec(line);
      const score = Number(row?.[2]);
      const percentile = Number(row?.[3]);
      if (!row || !isCve(row[1]!) || !(score <= 1) || !(percentile <= 1)) {
        throw new InputError('feed-record-invalid', `line ${number} is not a "cve,epss,percentile" row`);
      }
      sink.cve({ id: row[1]!, scores: [], cwes: [], epss: { score, percentile } });
      records++;
      if (records % 5000 === 0) onRecords?.(records);
    }
    if (records === 0) throw new InputError('feed-truncated', 'it has no scores');
    return { records, ...(asOf !== undefined && { asOf }) };
  },
};

async function* lines(path: string): AsyncGenerator<string> {
  const raw = createReadStream(path, { highWaterMark: 256 * 1024 });
  // Whatever breaks, breaks the reading below; pipeline sees to it that the file is closed then.
  const stream: Readable = path.endsWith('.gz') ? pipeline(raw, createGunzip(), () => undefined) : raw;
  let rest = '';
  let total = 0;
  try {
    for await (const chunk of stream) {
      total += (chunk as Buffer).length;
      if (total > MAX_BYTES) throw new InputError('feed-corrupt', `more than ${MAX_BYTES >> 20} MiB of rows`);
      const parts = (rest + (chunk as Buffer).toString('latin1')).split('\n');
      rest = parts.pop() ?? '';
      if (rest.length > MAX_LINE) throw new InputError('feed-record-invalid', 'a line is too long');
      for (const part of parts) yield part.replace(/\r$/, '');
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError('feed-truncated', `cut off or not gzip (${(cause as Error).message})`, { cause });
  }
  if (rest !== '') yield rest;
}
