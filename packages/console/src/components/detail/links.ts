/** The address when it is a web address, else null: what feeds and labels say is not trusted with other schemes. */
export function webAddress(text: string | null | undefined): string | null {
  if (text == null || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
}

/** The host and path of an address, short enough for a line: `nvd.nist.gov/vuln/detail/CVE-2021-44228`. */
export function shownAddress(href: string): string {
  const url = new URL(href);
  return `${url.host.replace(/^www\./, '')}${url.pathname === '/' ? '' : url.pathname}`;
}
