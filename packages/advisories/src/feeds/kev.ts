import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@plimsoll/model';
import type { Feed, FeedFile } from './feed.ts';
import { day, isCve, isCwe, objects, parseObject, text, texts, time, unique } from './json.ts';

const FILE: FeedFile = {
  name: 'kev',
  path: 'kev/known_exploited_vulnerabilities.json',
  url: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
};

/** The catalogue has some 1 KB per entry and 1,400 entries after four years. */
const MAX_BYTES = 128 * 1024 * 1024;

/**
 * CISA's catalogue of vulnerabilities known to be exploited.
 * @see https://www.cisa.gov/known-exploited-vulnerabilities-catalog
 */
export const kev: Feed = {
  name: 'kev',

  published: () => [FILE],

  inFolder: (root) => (existsSync(join(root, FILE.path)) ? [FILE] : []),

  async read(path, _file, sink) {
    if (statSync(path).size > MAX_BYTES) throw new InputError('feed-corrupt', `larger than ${MAX_BYTES >> 20} MiB`);
    const json = parseObject(readFileSync(path));
    if (!Array.isArray(json.vulnerabilities)) {
      throw new InputError('feed-record-invalid', 'not the KEV catalogue: it has no "vulnerabilities"');
    }
    const entries = objects(json.vulnerabilities);
    if (typeof json.count === 'number' && json.count !== entries.length) {
      throw new InputError('feed-truncated', `it says ${json.count} entries but has ${entries.length}`);
    }
    for (const entry of entries) {
      const id = text(entry.cveID);
      const dateAdded = day(entry.dateAdded);
      if (id === undefined || !isCve(id) || dateAdded === undefined) {
        throw new InputError('feed-record-invalid', `entry ${id ?? '?'} lacks its CVE id or date`);
      }
      const dueDate = day(entry.dueDate);
      sink.cve({
        id,
        scores: [],
        cwes: unique(texts(entry.cwes).filter(isCwe)),
        kev: {
          dateAdded,
          ...(dueDate !== undefined && { dueDate }),
          ransomware: entry.knownRansomwareCampaignUse === 'Known',
        },
      });
    }
    const asOf = time(json.dateReleased);
    return { records: entries.length, ...(asOf !== undefined && { asOf }) };
  },
};
