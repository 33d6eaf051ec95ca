import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, type CveFacts, type CvssScore } from '@plimsoll/model';
import { scoreOf } from '../matching/cvss.ts';
import type { Feed, FeedFile } from './feed.ts';
import { isCve, isCwe, object, objects, parseObject, text, time, unique, type JsonObject } from './json.ts';
import { zipEntries, zipEntryStream } from './zip.ts';

const FILE: FeedFile = {
  name: 'cve5',
  path: 'cve5/cves.zip',
  url: 'https://api.github.com/repos/CVEProject/cvelistV5/releases/latest',
  releaseAsset: '_all_CVEs_at_midnight.zip.zip',
};

/**
 * The CVE list: records in CVE JSON 5 format, one file each. The published archive holds one archive
 * `cves.zip` that holds the records; both forms are read.
 * @see https://github.com/CVEProject/cve-schema
 * @see https://github.com/CVEProject/cvelistV5#releases
 */
export const cve5: Feed = {
  name: 'cve5',

  published: () => [FILE],

  inFolder: (root) => (existsSync(join(root, FILE.path)) ? [FILE] : []),

  async read(path, _file, sink, { onRecords }) {
    const unpacked = await unpackInner(path);
    try {
      let records = 0;
      let newest: string | undefined;
      for await (const { name, bytes } of zipEntries(unpacked?.file ?? path, '.json')) {
        // The list's own change logs lie beside the records.
        if (!/(?:^|\/)CVE-[^/]+\.json$/.test(name)) continue;
        let facts: CveFacts;
        try {
          facts = readCveRecord(parseObject(bytes));
        } catch (error) {
          if (error instanceof InputError) throw new InputError(error.code, `${name}: ${error.message}`, { cause: error });
          throw error;
        }
        records++;
        if (records % 1000 === 0) onRecords?.(records);
        if (facts.modified !== undefined && (newest === undefined || facts.modified > newest)) newest = facts.modified;
        sink.cve(facts);
      }
      return { records, ...(newest !== undefined && { asOf: newest }) };
    } finally {
      if (unpacked) rmSync(unpacked.folder, { recursive: true, force: true });
    }
  },
};

/** The inner archive as a file of its own, since a zip archive is read by position; undefined when there is none. */
async function unpackInner(path: string): Promise<{ folder: string; file: string } | undefined> {
  const stream = await zipEntryStream(path, 'cves.zip');
  if (!stream) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-cve5-'));
  const file = join(folder, 'cves.zip');
  const fd = openSync(file, 'wx');
  try {
    for await (const chunk of stream) {
      const data = chunk as Buffer;
      for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
    }
    return { folder, file };
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    throw cause instanceof InputError
      ? cause
      : new InputError('feed-corrupt', `cves.zip in it is broken (${(cause as Error).message})`, { cause });
  } finally {
    closeSync(fd);
  }
}

const METRICS = [['cvssV4_0', '4.0'], ['cvssV3_1', '3.1'], ['cvssV3_0', '3.0'], ['cvssV2_0', '2.0']] as const;

/** One CVE record's facts. Throws `InputError` when it is none. */
export function readCveRecord(json: JsonObject): CveFacts {
  const metadata = object(json.cveMetadata);
  const id = text(metadata?.cveId);
  if (!metadata || id === undefined || !isCve(id)) throw new InputError('feed-record-invalid', 'not a CVE record');
  const containers = object(json.containers);
  const scores: CvssScore[] = [];
  const cwes: string[] = [];
  const collect = (container: JsonObject, source: string): void => {
    for (const metric of objects(container.metrics)) {
      for (const [key, version] of METRICS) {
        const score = readScore(object(metric[key]), version, source);
        // CISA repeats some of the numbering authority's vectors: the first one to say it is the source.
        if (score && !scores.some((other) => other.vector === score.vector && other.version === version)) scores.push(score);
      }
    }
    for (const type of objects(container.problemTypes)) {
      for (const description of objects(type.descriptions)) {
        cwes.push(text(description.cweId) ?? /^CWE-\d{1,6}\b/.exec(String(description.description))?.[0] ?? '');
      }
    }
  };
  const cna = object(containers?.cna);
  if (cna) collect(cna, 'cna');
  for (const adp of objects(containers?.adp)) {
    collect(adp, text(object(adp.providerMetadata)?.shortName)?.toLowerCase().slice(0, 64) ?? 'adp');
  }
  const published = time(metadata.datePublished);
  const modified = time(metadata.dateUpdated);
  return {
    id,
    scores,
    cwes: unique(cwes.filter(isCwe)),
    ...(published !== undefined && { published }),
    ...(modified !== undefined && { modified }),
    ...(metadata.state === 'REJECTED' && { rejected: true }),
  };
}

function readScore(metric: JsonObject | undefined, version: string, source: string): CvssScore | undefined {
  const vector = text(metric?.vectorString);
  if (vector === undefined) return undefined;
  const told = metric?.baseScore;
  const score = typeof told === 'number' && told >= 0 && told <= 10 ? Math.round(told * 10) / 10 : scoreOf(vector)?.score;
  return score === undefined ? undefined : { version, vector, score, source };
}
