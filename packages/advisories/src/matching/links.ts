import type { AdvisoryLink } from '@plimsoll/model';

/** The vendors' own pages, by the form of the id. */
const PAGES: readonly [RegExp, (id: string) => string][] = [
  [/^CVE-/, (id) => `https://www.cve.org/CVERecord?id=${id}`],
  [/^GHSA-/, (id) => `https://github.com/advisories/${id}`],
  [/^(?:DSA|DLA|DTSA)-/, (id) => `https://security-tracker.debian.org/tracker/${id}`],
  [/^DEBIAN-CVE-/, (id) => `https://security-tracker.debian.org/tracker/${id.slice('DEBIAN-'.length)}`],
  [/^ALPINE-CVE-/, (id) => `https://security.alpinelinux.org/vuln/${id.slice('ALPINE-'.length)}`],
  [/^UBUNTU-CVE-/, (id) => `https://ubuntu.com/security/${id.slice('UBUNTU-'.length)}`],
  [/^USN-/, (id) => `https://ubuntu.com/security/notices/${id}`],
  [/^RH[SBE]A-/, (id) => `https://access.redhat.com/errata/${id}`],
  [/^R[LX]SA-/, (id) => `https://errata.rockylinux.org/${id}`],
  [/^CGA-/, (id) => `https://images.chainguard.dev/security/${id}`],
  [/^GO-/, (id) => `https://pkg.go.dev/vuln/${id}`],
  [/^RUSTSEC-/, (id) => `https://rustsec.org/advisories/${id}.html`],
];

/** Where the feed's own page on an advisory is; for feeds without pages, OSV's. */
export function advisoryPage(id: string, links: readonly AdvisoryLink[]): string {
  for (const [form, page] of PAGES) if (form.test(id)) return page(encodeURIComponent(id));
  const own = links.find(({ type, url }) => type === 'ADVISORY' && url.includes(id.replace(':', '-')));
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
