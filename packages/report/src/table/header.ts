import { SEVERITY_NAMES, type OsRelease, type ScanReport } from '@plimsoll/model';
import { groupBy } from '../collections.ts';
import { shortDigest } from '../text/layers.ts';
import { cutMiddle, printable } from '../text/printable.ts';
import { countSeverities, plural, SEVERITIES } from '../text/style.ts';
import type { Item, Page } from './page.ts';

const INDENT = 14;

/** The image, its system, its packages, the database, and how many findings there are. */
export function writeHeader(report: ScanReport, page: Page): void {
  const { style } = page;
  page.line(style.bold(cutMiddle(printable(report.image.reference), page.width)));
  const field = (name: string, value: string, paint?: (text: string) => string): void =>
    page.paragraph(value, INDENT, { label: `  ${name}`, ...(paint ? { paint } : {}) });
  page.items(imageItems(report), INDENT, '  image');
  writeSystem(report, field, page);
  field('packages', packagesLine(report));
  field('database', databaseLine(report), report.database ? undefined : style.warn);
  if (report.database) writeCounts(report, field, page);
  if (!report.complete) {
    field('incomplete', 'Parts of the image could not be read, see the warnings: more may be there.', style.warn);
  }
}

type Field = (name: string, value: string, paint?: (text: string) => string) => void;

function imageItems({ image }: ScanReport): Item[] {
  const digest = image.digest ?? image.id;
  const platform = image.platform && [image.platform.os, image.platform.architecture, image.platform.variant];
  return [
    digest === undefined ? image.kind : shortDigest(digest),
    platform && printable(platform.filter(Boolean).join('/')),
    plural(image.layers.length, 'layer'),
    image.size === undefined ? undefined : megabytes(image.size),
  ].flatMap((text) => (text ? [{ text }] : []));
}

function megabytes(bytes: number): string {
  const megabytes = bytes / 1e6;
  return `${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes)} MB`;
}

function writeSystem(report: ScanReport, field: Field, { style }: Page): void {
  const { os } = report;
  if (!os) {
    field('system', 'not known: the image has no os-release file');
    return;
  }
  const [support, isOver] = supportOf(os, report.scannedAt.slice(0, 10));
  field('system', printable(os.prettyName) || printable(os.id));
  if (support !== undefined) field('', support, isOver ? style.bad : style.warn);
}

/** What to say of the release's support on a day, and whether it is over; dates are `YYYY-MM-DD`. */
function supportOf(os: OsRelease, today: string): [text?: string, isOver?: boolean] {
  const { endOfSupport: end, endOfExtendedSupport: extended } = os;
  const last = extended !== undefined && (end === undefined || extended > end) ? extended : end;
  if (last === undefined) return [];
  if (last < today) return [`out of support since ${printable(last)}: flaws get no fixes any more`, true];
  if (end !== undefined && end < today) {
    return [`standard support ended ${printable(end)}; extended support, often paid, lasts until ${printable(last)}`, false];
  }
  const days = (Date.parse(last) - Date.parse(today)) / 86_400_000;
  return days <= 90 ? [`support ends ${printable(last)}`, false] : [];
}

function packagesLine({ packages }: ScanReport): string {
  if (packages.length === 0) return 'none found';
  const byType = [...groupBy(packages, (p) => p.type)].sort((a, b) => b[1].length - a[1].length);
  return `${packages.length}: ${byType.map(([type, of]) => `${of.length} ${printable(type)}`).join(', ')}`;
}

function databaseLine({ database }: ScanReport): string {
  if (!database) return 'none: packages are listed, not judged';
  return `${printable(database.built.slice(0, 10))}, ${plural(database.feeds.length, 'feed')}`;
}

function writeCounts(report: ScanReport, field: Field, page: Page): void {
  const { findings, packages } = report;
  // A package may be judged in part: an old release has advisories, but none for what was found since.
  // One package may be counted by several gaps, so the numbers stand with their reasons below, not as a sum here.
  const notJudged = report.coverage.length === 0 ? '' : '; not all packages could be fully judged, see below';
  if (findings.length === 0) {
    field('findings', `${packages.length === 0 ? 'none, since there are no packages' : 'none'}${notJudged}`, notJudged === '' ? undefined : page.style.warn);
    return;
  }
  const counts = countSeverities(findings.map((f) => f.severity));
  const items = SEVERITIES.filter((level) => counts[level] > 0).map((level) => ({
    text: `${counts[level]} ${SEVERITY_NAMES[level]}`,
    paint: (text: string) => page.style.severity(level, text),
  }));
  const exploited = new Set(findings.filter((f) => f.kev).map((f) => f.id)).size;
  const flaws = new Set(findings.map((f) => f.id)).size;
  const distinct = flaws === findings.length ? '' : ` of ${plural(flaws, 'vulnerability', 'vulnerabilities')}`;
  const total = `${findings.length} in all${distinct}${exploited > 0 ? `, ${exploited} known to be exploited` : ''}`;
  page.items(items, INDENT, '  findings');
  field('', total + notJudged);
}
