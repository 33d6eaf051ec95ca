import type { Advisory, Package, PackageType, ScanReport } from '@plimsoll/model';
import { unique } from '../collections.ts';
import type { Page } from '../table/page.ts';
import { printable } from '../text/printable.ts';

/** How many advisories and packages are named before the rest is counted. */
const MAX_NAMED = 10;

/** OSV ecosystems (without release) of package types that need no release to be judged. */
const ECOSYSTEM_TYPES = new Map<string, readonly PackageType[]>([
  ['npm', ['npm']],
  ['PyPI', ['pypi']],
  ['RubyGems', ['gem']],
  ['Maven', ['maven']],
  ['Go', ['golang']],
  ['crates.io', ['cargo']],
  ['Packagist', ['composer']],
  ['NuGet', ['nuget']],
  ['Bitnami', ['bitnami']],
]);

/** Says that an id is not among the findings, and what is known of it all the same. */
export function writeNotFound(report: ScanReport, id: string, advisories: readonly Advisory[], page: Page): void {
  const name = printable(id);
  page.paragraph(`${name} is not among the findings.`, 0, { paint: page.style.bold });
  if (!report.database) {
    page.paragraph('Nothing was matched: this result was made without an advisory database.', 0);
    return;
  }
  if (!report.complete) page.paragraph('Parts of the image could not be read, so it may be there all the same; see the warnings of the scan.', 0);
  if (advisories.length === 0) {
    page.paragraph(`The advisory database has no advisory under the name ${name}, so nothing in the image was compared with it.`, 0);
    return;
  }
  const installed = advisories.flatMap((advisory) => {
    const packages = packagesOf(report, advisory);
    return packages.length > 0 ? [{ advisory, packages }] : [];
  });
  if (installed.length === 0) writeNotInstalled(report, advisories, page);
  else writeInstalled(installed, page);
}

function writeInstalled(installed: { advisory: Advisory; packages: Package[] }[], page: Page): void {
  page.paragraph('An installed package is named by its advisories, at a version that is not affected:', 0);
  for (const { advisory, packages } of installed.slice(0, MAX_NAMED)) {
    const have = unique(packages.map((p) => `${comparedName(p)} ${comparedVersion(p)}`)).slice(0, MAX_NAMED);
    page.line();
    page.paragraph(`${printable(have.join(', '))} ${have.length === 1 ? 'is' : 'are'} installed; ${verdict(advisory)}.`, 2);
    page.paragraph(`by ${printable(advisory.id)} (${printable(advisory.ecosystem)})`, 2, { paint: page.style.dim });
  }
  if (installed.length > MAX_NAMED) page.line(page.style.dim(`  … and ${installed.length - MAX_NAMED} more advisories`));
}

/** What an advisory says of versions, in words. */
function verdict(advisory: Advisory): string {
  if (advisory.status === 'not-affected') return 'the vendor says that this release is not affected';
  const fixed = unique(advisory.ranges.flatMap((r) => r.events.flatMap((e) => e.fixed ?? [])));
  if (fixed.length > 0) return `fixed since ${printable(fixed.slice(0, MAX_NAMED).join(', '))}`;
  const last = unique(advisory.ranges.flatMap((r) => r.events.flatMap((e) => e.lastAffected ?? [])));
  if (last.length > 0) return `the last affected version is ${printable(last.slice(0, MAX_NAMED).join(', '))}`;
  return 'it is not among the affected versions';
}

function writeNotInstalled(report: ScanReport, advisories: readonly Advisory[], page: Page): void {
  const named = unique(advisories.map((a) => `${a.package} (${a.ecosystem})`));
  page.paragraph(`Its advisories name ${printable(named.slice(0, MAX_NAMED).join(', '))}${named.length > MAX_NAMED ? ` and ${named.length - MAX_NAMED} more` : ''}.`, 0);
  const sameName = report.packages.filter((p) => advisories.some((a) => a.package === comparedName(p) || a.package === p.name));
  if (sameName.length === 0) {
    page.paragraph('None of these packages is installed.', 0);
    return;
  }
  const system = report.os?.ecosystem ?? report.os?.prettyName ?? 'an unknown system';
  const have = unique(sameName.map((p) => `${p.name} ${p.version} (${p.type})`)).slice(0, MAX_NAMED);
  page.paragraph(
    `${printable(have.join(', '))} ${have.length === 1 ? 'is' : 'are'} installed, but the image is ${printable(system)}, for which the database has no advisory of that name: the vendor may not have judged it.`,
    0,
  );
}

function packagesOf(report: ScanReport, advisory: Advisory): Package[] {
  const types = ECOSYSTEM_TYPES.get(advisory.ecosystem);
  if (types) return report.packages.filter((p) => types.includes(p.type) && sameName(p.type, p.name, advisory.package));
  if (advisory.ecosystem !== report.os?.ecosystem) return [];
  const isOs = (p: Package): boolean => p.type === 'deb' || p.type === 'apk' || p.type === 'rpm';
  return report.packages.filter((p) => isOs(p) && (comparedName(p) === advisory.package || p.name === advisory.package));
}

function sameName(type: PackageType, a: string, b: string): boolean {
  if (type !== 'pypi') return a === b;
  // PEP 503
  const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');
  return normal(a) === normal(b);
}

function comparedName(p: Package): string {
  return p.source?.name ?? p.name;
}

function comparedVersion(p: Package): string {
  return p.source?.version ?? p.version;
}
