import { describe, expect, it } from 'vitest';
import { advisoryPage, findingLinks } from './links.ts';

const link = (url: string, type = 'WEB') => ({ type, url });

describe('advisoryPage', () => {
  it.each([
    ['CVE-2024-1', 'https://www.cve.org/CVERecord?id=CVE-2024-1'],
    ['DEBIAN-CVE-2024-1', 'https://security-tracker.debian.org/tracker/CVE-2024-1'],
    ['DLA-1-1', 'https://security-tracker.debian.org/tracker/DLA-1-1'],
    ['ALPINE-CVE-2024-1', 'https://security.alpinelinux.org/vuln/CVE-2024-1'],
    ['RHSA-2024:1', 'https://access.redhat.com/errata/RHSA-2024:1'],
    ['RUSTSEC-2024-1', 'https://rustsec.org/advisories/RUSTSEC-2024-1.html'],
    ['PYSEC-2024-1', 'https://osv.dev/vulnerability/PYSEC-2024-1'],
    ['GO-"><script>', 'https://pkg.go.dev/vuln/GO-%22%3E%3Cscript%3E'],
  ])('%s', (id, url) => {
    expect(advisoryPage(id, [])).toBe(url);
  });

  it('takes the record’s own advisory link where the vendor’s address has more in it', () => {
    const own = 'https://errata.almalinux.org/8/ALSA-2021-4517.html';
    expect(advisoryPage('ALSA-2021:4517', [link('https://example.com/'), link(own, 'ADVISORY')])).toBe(own);
  });
});

describe('findingLinks', () => {
  it('puts pages first, once each, and is bounded', () => {
    const links = findingLinks(['https://a/', 'https://b/', 'https://a/'], [link('https://b/'), ...Array.from({ length: 50 }, (_, i) => link(`https://c/${i}`))]);
    expect(links.slice(0, 3)).toEqual([link('https://a/', 'ADVISORY'), link('https://b/', 'ADVISORY'), link('https://c/0')]);
    expect(links).toHaveLength(16);
  });
});
