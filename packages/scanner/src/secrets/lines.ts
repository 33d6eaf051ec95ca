/** Lines of a small credentials file. Longer ones than that are no such file and are left out. */
const MOST_LINES = 10_000;

export function lines(text: string): { text: string; start: number }[] {
  const out: { text: string; start: number }[] = [];
  let start = 0;
  while (start < text.length && out.length < MOST_LINES) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const cut = end > start && text[end - 1] === '\r' ? end - 1 : end;
    if (cut > start && cut - start <= 1_024) out.push({ text: text.slice(start, cut), start });
    start = end + 1;
  }
  return out;
}
