import type { AdvisoryLink } from '@plimsoll/model';

const same = (before: string, after = '') => (id: string) => before + id + after;
const cveOf = (before: string) => (id: string) => before + id.slice(id.indexOf('CVE-'));

/** The vendors' own pages, by the id's first part. */
const PAGES = new Map<string, (id: string) => string>([
  ['CVE', same('https://www.cve.org/CVERecord?id=')],
  ['GHSA', same('https://github.com/advisories/')],
  ['DSA', same('https://security-tracker.debian.org/tracker/')],
  ['DLA', same('https://security-tracker.debian.org/tracker/')],
  ['DEBIAN', cveOf('https://security-tracker.debian.org/tracker/')],
  ['ALPINE', cveOf('https://security.alpinelinux.org/vuln/')],
  ['UBUNTU', cveOf('https://ubuntu.com/security/')],
  ['USN', same('https://ubuntu.com/security/notices/')],
  ['RHSA', same('https://access.redhat.com/errata/')],
  ['RLSA', same('https://errata.rockylinux.org/')],
  ['CGA', same('https://images.chainguard.dev/security/')],
  ['GO', same('https://pkg.go.dev/vuln/')],
  ['RUSTSEC', same('https://rustsec.org/advisories/', '.html')],
]);

/** Where the feed's own page on an advisory is; for feeds without pages, OSV's. */
export function advisoryPage(id: string, links: readonly AdvisoryLink[]): string {
  const page = PAGES.get(id.slice(0, id.indexOf('-')));
  if (page) return page(encodeURIComponent(id).replaceAll('%3A', ':'));
  const dashed = id.replace(':', '-');
  const own = links.find(({ type, url }) => type === 'ADVISORY' && url.includes(dashed));
  return own?.url ?? `https://osv.dev/vulnerability/${encodeURIComponent(id)}`;
}

/** Links of one finding: enough to act on, and a bound for reports with thousands of findings. */
const MAX_LINKS = 16;

/** Without duplicates, pages of the advisories first, then in the feed's order. */
export function findingLinks(pages: readonly string[], links: readonly AdvisoryLink[]): AdvisoryLink[] {
  const byUrl = new Map<string, AdvisoryLink>();
  for (const url of pages) if (!byUrl.has(url)) byUrl.set(url, { type: 'ADVISORY', url });
  for (const link of links) {
    if (byUrl.size >= MAX_LINKS) break;
    if (!byUrl.has(link.url)) byUrl.set(link.url, link);
  }
  return [...byUrl.values()].slice(0, MAX_LINKS);
}
