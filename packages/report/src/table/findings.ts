import { OS_PACKAGE_TYPES, type Finding, type ScanReport } from '@plimsoll/model';
import { unique } from '../collections.ts';
import { layerLabel, layerStep } from '../text/layers.ts';
import { cutEnd, cutMiddle, padEnd, printable, textWidth } from '../text/printable.ts';
import { plural, severityLabel } from '../text/style.ts';
import { findingGroups, groupRows, type FindingGroup, type FindingRow } from './groups.ts';
import type { Page } from './page.ts';

const MAX_GROUPS = 25;
const MAX_ROWS_OF_GROUP = 8;
const INDENT = '  ';
const GAP = 2;

type ColumnName = 'severity' | 'id' | 'marks' | 'package' | 'installed' | 'fixed';

interface Column {
  name: ColumnName;
  title: string;
  width: number;
  /** Narrower it tells nothing. */
  min: number;
}

const STATUS_WORDS: Record<Finding['status'], string> = {
  fixed: 'no fix for this version',
  unfixed: 'no fix yet',
  ignored: 'will not be fixed',
  'end-of-life': 'release is end of life',
  'not-affected': 'not affected',
};

/** The findings by what fixes them. */
export function writeFindings(report: ScanReport, page: Page): void {
  const groups = findingGroups(report);
  if (groups.length === 0) return;
  const shown = (page.all ? groups : groups.slice(0, MAX_GROUPS)).map((group) => ({ group, rows: groupRows(group) }));
  const columns = layOut(shown.flatMap(({ rows }) => (page.all ? rows : rows.slice(0, MAX_ROWS_OF_GROUP))), page.width);
  page.line();
  page.line(page.style.dim(INDENT + columns.map((c) => padEnd(c.title, c.width)).join('  ')));
  for (const { group, rows } of shown) writeGroup(report, group, rows, columns, page);

  const hidden = groups.slice(shown.length).reduce((sum, group) => sum + group.findings.length, 0);
  if (hidden > 0) {
    page.line();
    page.line(page.style.dim(`${INDENT}… and ${hidden} more: --format json, or --all`));
  }
}

function writeGroup(report: ScanReport, group: FindingGroup, rows: FindingRow[], columns: Column[], page: Page): void {
  page.line();
  page.line(groupTitle(report, group, page));
  const place = placeOf(group);
  if (place !== undefined) page.line(page.style.dim(cutMiddle(`${INDENT}in ${place}`, page.width)));
  const shown = page.all ? rows : rows.slice(0, MAX_ROWS_OF_GROUP);
  for (const row of shown) {
    const cells = cellsOf(row);
    const painted = columns.map((column) => {
      const text = padEnd(cutMiddle(cells[column.name], column.width), column.width);
      if (column.name === 'severity') return page.style.severity(row.finding.severity, text);
      if (column.name === 'marks' && row.finding.kev) return page.style.bad(text);
      return text;
    });
    page.line(INDENT + painted.join('  '));
  }
  if (rows.length > shown.length) page.line(page.style.dim(`${INDENT}… and ${rows.length - shown.length} more of this group: --all`));
}

/** `openssl 1.1.1c-r0 → 1.1.1g-r0 fixes 3      layer 1/3, base: ADD file:… in /` */
function groupTitle(report: ScanReport, group: FindingGroup, page: Page): string {
  const count = unique(group.findings.map((f) => f.id)).length;
  const versions = group.installed.length === 1 ? printable(group.installed[0]!) : plural(group.installed.length, 'version');
  const outcome =
    group.to === undefined
      ? `: ${STATUS_WORDS[group.findings[0]!.status]}`
      : ` → ${cutMiddle(printable(group.to), 24)} fixes ${count}`;
  const tail = ` ${cutMiddle(versions, 24)}${outcome}`;
  const where = layerLabel(report.image, group.layer) + (group.fromBase ? ', base' : '');
  const nameWidth = page.width - textWidth(tail);
  const title = cutMiddle(printable(group.name), Math.max(12, nameWidth)) + tail;
  const fit = cutEnd(title, page.width);
  const left = page.width - textWidth(fit) - GAP;
  if (left < where.length || report.image.layers.length < 2) return page.style.bold(fit);
  const step = layerStep(report.image, group.layer);
  const origin = step === undefined || left - where.length < 16 ? where : `${where}: ${step}`;
  return `${page.style.bold(fit)}${' '.repeat(GAP)}${page.style.dim(cutEnd(origin, left))}`;
}

/** The files of packages that no package manager of the system can upgrade: without them nobody knows what to touch. */
function placeOf({ findings }: FindingGroup): string | undefined {
  const { type } = findings[0]!.package;
  if (OS_PACKAGE_TYPES.includes(type)) return undefined;
  const [first, ...others] = unique(findings.flatMap((finding) => finding.package.paths));
  if (first === undefined) return undefined;
  return printable(first) + (others.length > 0 ? ` and ${plural(others.length, 'more place')}` : '');
}

function cellsOf({ finding, packages }: FindingRow): Record<ColumnName, string> {
  const [first, ...others] = packages;
  return {
    severity: severityLabel(finding.severity),
    id: printable(finding.id),
    marks: marksOf(finding),
    package: printable(first!) + (others.length > 0 ? ` +${others.length}` : ''),
    installed: printable(finding.package.version),
    fixed: finding.fixedVersion === undefined ? STATUS_WORDS[finding.status] : printable(finding.fixedVersion),
  };
}

/** `KEV 97%`: known to be exploited, and how probable it is within 30 days. Below one percent it is not shown. */
function marksOf({ kev, epss }: Finding): string {
  const percent = epss === undefined ? 0 : Math.floor(epss.score * 100);
  return `${kev ? 'KEV' : '   '} ${percent > 0 ? `${percent}%`.padStart(4) : ''}`.trimEnd();
}

/** Widths by content; what is too much is taken from the widest. */
function layOut(rows: FindingRow[], pageWidth: number): Column[] {
  const cells = rows.map(cellsOf);
  const column = (name: ColumnName, title: string, min: number, max: number): Column => {
    const widest = cells.reduce((width, cell) => Math.max(width, textWidth(cell[name])), title.length);
    return { name, title, min, width: Math.min(widest, max) };
  };
  const hasMarks = cells.some((cell) => cell.marks !== '');
  const columns = [
    column('severity', 'SEVERITY', 10, 10),
    column('id', 'ID', 20, 20),
    ...(hasMarks ? [column('marks', 'KEV EPSS', 8, 8)] : []),
    column('package', 'PACKAGE', 8, 60),
    // Narrow terminals see the installed version in the group's title alone.
    ...(pageWidth >= 80 ? [column('installed', 'INSTALLED', 9, 40)] : []),
    column('fixed', 'FIXED IN', 10, 40),
  ];
  let excess = INDENT.length + columns.reduce((sum, c) => sum + c.width + GAP, -GAP) - pageWidth;
  for (; excess > 0; excess--) {
    const wide = columns.filter((c) => c.width > c.min);
    if (wide.length === 0) break;
    wide.reduce((a, b) => (b.width > a.width ? b : a)).width--;
  }
  return columns;
}
