import type { Evidence, Finding, ScanReport, Upgrade } from '@plimsoll/model';
import { groupBy, unique, uniqueBy } from '../collections.ts';
import { webAddress } from '../formats/identity.ts';
import { removedFlaws, sourceName, worstFirst } from '../table/groups.ts';
import type { Page } from '../table/page.ts';
import { layerLabel, layerStep } from '../text/layers.ts';
import { printable } from '../text/printable.ts';
import { countSeverities, plural, severityCounts, severityLabel } from '../text/style.ts';
import { upgradeAdvice, upgradeCommand } from './commands.ts';

const FIELD_INDENT = 15;
const MAX_LIST = 10;

/** Explains findings: each flaw, and within it each source package that has it. */
export function writeFound(report: ScanReport, findings: readonly Finding[], page: Page): void {
  const byFlaw = groupBy([...findings].sort(worstFirst), (finding) => finding.id);
  let first = true;
  for (const group of byFlaw.values()) {
    if (!first) page.line();
    first = false;
    writeFlaw(group, page);
    // Binary packages of one source are one case: same advisory, same layer, same upgrade.
    const cases = groupBy(group, (f) => JSON.stringify([f.package.type, sourceName(f), f.package.version, f.layer.index]));
    for (const same of cases.values()) writeCase(report, same, page);
  }
}

function writeFlaw(group: readonly Finding[], page: Page): void {
  const finding = group[0]!;
  const { style } = page;
  const field = fieldWriter(page);
  page.paragraph(printable(finding.id), 0, { paint: style.bold });
  const aliases = unique(group.flatMap((f) => [...f.aliases, ...(f.qids ?? []).map((qid) => `QID ${qid}`)]));
  if (aliases.length > 0) field('also known', listed(aliases));
  field('severity', `${severityLabel(finding.severity)}: ${printable(finding.severityReason)}`, (t) => style.severity(finding.severity, t));
  const vendor = unique(group.flatMap((f) => f.vendorSeverity ?? []));
  if (vendor.length > 0) field('vendor', `rates it ${listed(vendor)}`);
  for (const score of uniqueBy(finding.scores ?? (finding.cvss ? [finding.cvss] : []), (s) => s.vector + s.source)) {
    field('cvss', printable(`${score.score} by ${score.source} (CVSS ${score.version}) ${score.vector}`));
  }
  if (finding.kev) {
    const { dateAdded, dueDate, ransomware } = finding.kev;
    const due = dueDate === undefined ? '' : `, to be fixed by ${dueDate}`;
    field('exploited', printable(`known to be exploited since ${dateAdded}${due}${ransomware ? '; used by ransomware' : ''}`), style.bad);
  }
  if (finding.epss) {
    const { score, percentile, date } = finding.epss;
    field('epss', printable(`${(score * 100).toFixed(1)}% to be exploited within 30 days, above ${Math.floor(percentile * 100)}% of all${date === undefined ? '' : ` (${date})`}`));
  }
  if (finding.cwes.length > 0) field('weakness', listed(finding.cwes));
  const dates = [finding.published && `published ${finding.published.slice(0, 10)}`, finding.modified && `changed ${finding.modified.slice(0, 10)}`];
  if (dates.some(Boolean)) field('record', printable(dates.filter(Boolean).join(', ')));
}

function writeCase(report: ScanReport, same: readonly Finding[], page: Page): void {
  const finding = same[0]!;
  const field = fieldWriter(page);
  const names = unique(same.map((f) => f.package.name));
  page.heading(`In ${listed(names)} ${printable(finding.package.version)} (${finding.package.type})`);
  for (const evidence of uniqueBy(same.flatMap((f) => f.evidence), (e) => e.advisory + e.ecosystem)) writeEvidence(evidence, finding, page);
  writeOrigin(report, same, page);
  const siblings = otherPackages(report, finding, names);
  if (siblings.length > 0) field('same source', `${printable(sourceName(finding))} also made ${listed(siblings)}`);
  writeRemedy(report, same, page);
}

function writeEvidence(evidence: Evidence, finding: Finding, page: Page): void {
  const field = fieldWriter(page);
  const bySource = evidence.package !== finding.package.name && finding.package.source?.name === evidence.package;
  const what = bySource ? `its source package ${evidence.package} ${evidence.version}` : `${evidence.package} ${evidence.version}`;
  field('why', printable(`${evidence.advisory} (${evidence.ecosystem}) affects ${evidence.package} ${evidence.range}; compared with ${what}`));
  const url = webAddress(evidence.url);
  if (url !== undefined) field('', printable(url), page.style.dim);
}

function writeOrigin(report: ScanReport, same: readonly Finding[], page: Page): void {
  const field = fieldWriter(page);
  const { layer } = same[0]!;
  const base = report.base ?? report.image.base;
  const baseName = base?.reference === undefined ? 'the base image' : `the base image ${printable(base.reference)}`;
  const owner = layer.fromBase === undefined ? '' : layer.fromBase ? `, from ${baseName}` : ", the image's own";
  field('came in', `${layerLabel(report.image, layer.index)}${owner}`);
  const step = layer.createdBy === undefined ? layerStep(report.image, layer.index) : printable(layer.createdBy);
  if (step !== undefined) field('', step);
  if (layer.diffId !== undefined) field('', printable(layer.diffId), page.style.dim);
  const paths = unique(same.flatMap((f) => f.package.paths));
  if (paths.length > 0) field(paths.length === 1 ? 'file' : 'files', listed(paths));
  const owners = unique(same.flatMap((f) => f.package.ownedBy ?? []));
  if (owners.length > 0) field('installed by', `the OS package ${listed(owners)}`);
}

function writeRemedy(report: ScanReport, same: readonly Finding[], page: Page): void {
  const field = fieldWriter(page);
  const finding = same[0]!;
  if (finding.fixedVersion === undefined) {
    field('remedy', NO_FIX[finding.status]);
    return;
  }
  const { type } = finding.package;
  const fixed = printable(finding.fixedVersion);
  const owner = finding.package.ownedBy;
  field('fixed in', `${printable(sourceName(finding))} ${fixed}, the smallest version that has the fix`);
  if (owner !== undefined) field('remedy', `Upgrade the OS package ${printable(owner)}, which installed it.`);
  const to = unique(same.map((f) => f.package.name)).map((name) => ({ name, to: finding.fixedVersion! }));
  const command = owner === undefined ? upgradeCommand(type, to, report.os) : undefined;
  const advice = owner === undefined ? upgradeAdvice(type, printable(finding.package.name), fixed) : undefined;
  if (command !== undefined) page.command(command.split(' '), FIELD_INDENT, '  remedy');
  else if (advice !== undefined) field('remedy', advice);
  const upgrade = upgradeOf(report, finding);
  if (upgrade && upgrade.findings.length > 1) {
    const others = upgrade.findings.length - 1;
    const removes = severityCounts(countSeverities(removedFlaws(report, upgrade)));
    field('better', `${printable(upgrade.name)} ${printable(upgrade.to)} removes ${plural(others, 'more vulnerability', 'more vulnerabilities')}: ${removes} in all`);
  }
  if (finding.layer.fromBase) field('', 'It comes with the base image: a newer base that has the fix lasts, an upgrade step adds a layer.');
}

const NO_FIX: Record<Finding['status'], string> = {
  fixed: 'There is a fix, but none for this line of versions.',
  unfixed: 'There is no fix yet.',
  ignored: 'The vendor will not fix it in this release.',
  'end-of-life': 'The release no longer gets fixes: move to one that does.',
  'not-affected': 'The vendor says that this release is not affected.',
};

function upgradeOf(report: ScanReport, finding: Finding): Upgrade | undefined {
  const { name, version, type } = finding.package;
  const fitting = report.upgrades.filter(
    (u) => u.type === type && u.findings.includes(finding.id) && u.packages.some((p) => p.name === name && p.version === version),
  );
  return fitting.find((u) => u.layer === finding.layer.index) ?? fitting[0];
}

/** Installed packages of the same source, which upgrade together with those that have the finding. */
function otherPackages(report: ScanReport, finding: Finding, names: readonly string[]): string[] {
  const source = finding.package.source?.name;
  if (source === undefined) return [];
  const others = report.packages.filter((p) => p.type === finding.package.type && p.source?.name === source && !names.includes(p.name));
  return unique(others.map((p) => `${p.name} ${p.version}`));
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, MAX_LIST).map(printable).join(', ');
  return texts.length > MAX_LIST ? `${shown} and ${texts.length - MAX_LIST} more` : shown;
}

function fieldWriter(page: Page): (name: string, text: string, paint?: (text: string) => string) => void {
  return (name, text, paint) => page.paragraph(text, FIELD_INDENT, { label: `  ${name}`, ...(paint ? { paint } : {}) });
}
