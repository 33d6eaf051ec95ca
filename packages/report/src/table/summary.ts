import type { PostureIssue, ScanReport, Upgrade } from '@plimsoll/model';
import { layerLabel } from '../text/layers.ts';
import { cutMiddle, printable, textWidth } from '../text/printable.ts';
import { asSeverity, countSeverities, plural, severityCounts, severityLabel } from '../text/style.ts';
import { removedFlaws } from './groups.ts';
import type { Page } from './page.ts';

const MAX_UPGRADES = 5;
const MAX_ROWS = 10;
const MAX_SUBJECTS = 4;

/** The upgrades that remove the most; the report has them in that order. */
export function writeUpgrades(report: ScanReport, page: Page): void {
  if (report.upgrades.length === 0) return;
  page.heading('What to upgrade');
  const shown = page.all ? report.upgrades : report.upgrades.slice(0, MAX_UPGRADES);
  const max = Math.floor(page.width * 0.45);
  const titles = shown.map((u) => upgradeTitle(u, max));
  const width = Math.max(...titles.map(textWidth));
  shown.forEach((upgrade, i) => {
    const removes = `removes ${severityCounts(countSeverities(removedFlaws(report, upgrade)))}${upgrade.fromBase ? ' (base image)' : ''}`;
    page.paragraph(removes, width + 4, { label: `  ${titles[i]!}` });
  });
  const hidden = report.upgrades.length - shown.length;
  if (hidden > 0) page.line(page.style.dim(`  … and ${plural(hidden, 'more upgrade')}: --all`));
}

function upgradeTitle(upgrade: Upgrade, width: number): string {
  const to = ` → ${cutMiddle(printable(upgrade.to), Math.floor(width / 2))}`;
  return cutMiddle(printable(upgrade.name), width - textWidth(to)) + to;
}

/** What comes from the base image, which another base would change, and what is the image's own. */
export function writeBase(report: ScanReport, page: Page): void {
  const base = report.base ?? report.image.base;
  if (!base || !report.database) return;
  const fromBase = report.findings.filter((f) => f.layer.fromBase);
  const own = report.findings.length - fromBase.length;
  const hidden = report.hiddenBaseFindings;
  page.heading('Base image');
  const guessed = base.foundBy === 'history' ? ', guessed from the build history' : '';
  const layers = `${base.layers} of ${plural(report.image.layers.length, 'layer')}${guessed}`;
  const name = base.reference === undefined ? 'The base image' : cutMiddle(printable(base.reference), 80);
  if (hidden !== undefined) {
    page.paragraph(`${name} (${layers}): its ${plural(hidden, 'finding')} ${hidden === 1 ? 'is' : 'are'} left out, as asked for by --hide-base.`, 2);
    return;
  }
  const brought = severityCounts(countSeverities(fromBase.map((f) => f.severity)));
  const what = fromBase.length === 0 ? 'no findings' : `${plural(fromBase.length, 'finding')}: ${brought}`;
  page.paragraph(`${name} (${layers}) brings ${what}. The image's own layers bring ${own === 0 ? 'none' : own}.`, 2);
}

export function writeSecrets(report: ScanReport, page: Page): void {
  if (report.secrets.length === 0) return;
  page.heading(`Secrets (${report.secrets.length})`);
  writeList(report.secrets, page, (secret) => {
    const place = `${printable(secret.path)}:${secret.line}`;
    return {
      severity: secret.severity,
      text: `${printable(secret.title)}: ${printable(secret.masked)} in ${place}, ${layerLabel(report.image, secret.layer)}`,
    };
  });
}

export function writePosture(report: ScanReport, page: Page): void {
  if (report.posture.length === 0) return;
  page.heading(`Habits to drop (${report.posture.length})`);
  // One habit in many places is one thing to do.
  const habits = new Map<string, PostureIssue[]>();
  for (const issue of report.posture) {
    const key = `${issue.severity} ${issue.rule}`;
    habits.set(key, [...(habits.get(key) ?? []), issue]);
  }
  const habitList = [...habits.values()].map((issues) => ({ severity: issues[0]!.severity, issues }));
  writeList(habitList, page, ({ severity, issues }) => {
    const { title, advice } = issues[0]!;
    const subjects = issues.flatMap((issue) => (issue.subject === undefined ? [] : [printable(issue.subject)]));
    const named = page.all ? subjects : subjects.slice(0, MAX_SUBJECTS);
    const more = subjects.length - named.length;
    const where = named.length === 0 ? '' : `: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return { severity, text: `${printable(title)}${where}. ${printable(advice)}` };
  });
}

function writeList<T extends { severity: number }>(
  items: readonly T[],
  page: Page,
  describe: (item: T) => { severity: number; text: string },
): void {
  const ordered = [...items].sort((a, b) => b.severity - a.severity);
  const shown = page.all ? ordered : ordered.slice(0, MAX_ROWS);
  for (const item of shown) {
    const { severity, text } = describe(item);
    const level = asSeverity(severity);
    page.paragraph(text, 14, {
      label: `  ${severityLabel(level)}`,
      paintLabel: (label) => page.style.severity(level, label),
    });
  }
  if (ordered.length > shown.length) page.line(page.style.dim(`  … and ${ordered.length - shown.length} more: --all`));
}

/** Packages that no feed could judge: they may have flaws that nobody looked for. */
export function writeCoverage(report: ScanReport, page: Page): void {
  if (report.coverage.length === 0) return;
  page.heading('Not or not fully judged: there may be more than is known');
  for (const gap of report.coverage) {
    const ecosystem = gap.ecosystem === undefined ? '' : ` (${printable(gap.ecosystem)})`;
    page.paragraph(`${plural(gap.packages, 'package')}${ecosystem}: ${printable(gap.reason)}`, 2);
  }
}

export function writeWarnings(report: ScanReport, page: Page): void {
  if (report.warnings.length === 0) return;
  page.heading(report.complete ? 'Warnings' : 'Warnings: the report is incomplete');
  const ordered = [...report.warnings].sort((a, b) => Number(b.incomplete) - Number(a.incomplete));
  const shown = page.all ? ordered : ordered.slice(0, MAX_ROWS);
  for (const warning of shown) {
    const layer = warning.layer === undefined || report.image.layers.length < 2 ? '' : ` (${layerLabel(report.image, warning.layer)})`;
    const place = warning.path === undefined ? layer.trimStart() : printable(warning.path) + layer;
    page.paragraph(`${place === '' ? '' : `${place}: `}${printable(warning.message)} [${printable(warning.code)}]`, 2, {
      ...(warning.incomplete ? { paint: page.style.warn } : {}),
    });
  }
  if (ordered.length > shown.length) page.line(page.style.dim(`  … and ${ordered.length - shown.length} more: --all`));
}
