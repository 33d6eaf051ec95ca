import { assess } from '@plimsoll/advisories';
import type { AdvisoryDatabase, Sbom, ScanReport } from '@plimsoll/model';
import sql from 'sql-template-tag';
import type { Services } from '../context.ts';
import { unpackDocument } from './document.ts';

/** The whole answer to a scan, worked out when somebody looks: it is large, and all but the findings' rows follow from the document. */

/** Reports held, so that the parts of a page ask once. Some MB each. */
const HELD = 12;
const held = new Map<string, Promise<ScanReport>>();

const NO_DATABASE: AdvisoryDatabase = {
  info: { format: 0, built: new Date(0).toISOString(), feeds: [], ecosystems: [], advisories: 0, cves: 0 },
  advisoriesFor: () => [],
  cve: () => undefined,
  byId: () => [],
  close: () => undefined,
};

export async function documentOf(db: Services['db'], sbomId: number): Promise<Sbom | undefined> {
  const row = await db.one<{ document: Buffer }>(sql`select document from sboms where id = ${sbomId}`);
  return row && unpackDocument(row.document);
}

/** Undefined when the SBOM is gone. Without an advisory database nothing is judged, and `coverage` says so. */
export async function reportOf({ db, advisories, config }: Pick<Services, 'db' | 'advisories' | 'config'>, sbomId: number): Promise<ScanReport | undefined> {
  const row = await db.one<{ scanned_at: Date }>(sql`select scanned_at from sboms where id = ${sbomId}`);
  if (!row) return undefined;
  const current = advisories.current();
  // With the database's name: several may be served by one process in tests.
  const key = `${db.url} ${sbomId} ${row.scanned_at.getTime()} ${current?.id ?? ''}`;
  const found = held.get(key);
  if (found) return found;
  const report = documentOf(db, sbomId).then((sbom) => {
    if (!sbom) throw new Error(`SBOM ${sbomId} went away`);
    return assess(sbom, current?.database ?? NO_DATABASE, { version: config.version });
  });
  report.catch(() => held.delete(key));
  held.set(key, report);
  for (const old of held.keys()) {
    if (held.size <= HELD) break;
    held.delete(old);
  }
  return report;
}
