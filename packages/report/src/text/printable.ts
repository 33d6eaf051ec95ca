/**
 * Text of images, registries and feeds is made fit for a terminal here. Names in an image are chosen by
 * whoever made it: escapes could clear the screen or forge lines, bidirectional marks could show a
 * name backwards.
 */

/** Longer texts lose their middle before anything else is done with them. */
const MAX_LENGTH = 4000;

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls and
 * other invisible format characters, private use and unassigned code points, lone surrogates.
 */
const UNFIT = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** One line without anything a terminal would act on: white space becomes a space, the rest `�`. */
export function printable(text: string): string {
  const half = MAX_LENGTH / 2;
  const bounded = text.length > MAX_LENGTH ? `${text.slice(0, half)}…${text.slice(-half)}` : text;
  return bounded.replace(/[\t\n\r]+/g, ' ').replace(UNFIT, '\uFFFD');
}

/** Columns that a printable text takes. Counts code points: wide characters are not told apart. */
export function textWidth(text: string): number {
  // Most texts are ASCII, for which the length is the answer.
  if (/^[\u0000-\u007f]*$/.test(text)) return text.length;
  return [...text].length;
}

/** Cuts a printable text to `width` columns by taking out its middle: both ends of a name tell it. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  const points = [...text];
  const tail = Math.floor((width - 1) / 2);
  const head = width - 1 - tail;
  return `${points.slice(0, head).join('')}…${tail === 0 ? '' : points.slice(-tail).join('')}`;
}

/** Cuts a printable text to `width` columns at its end, as suits commands and sentences. */
export function cutEnd(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return width <= 0 ? '' : `${[...text].slice(0, width - 1).join('')}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Breaks a printable text into lines of at most `width` columns, at spaces where it can. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && textWidth(line) + 1 + textWidth(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (textWidth(rest) > width) {
      const points = [...rest];
      lines.push(points.slice(0, width).join(''));
      rest = points.slice(width).join('');
    }
    line = rest;
  }
  if (line !== '') lines.push(line);
  return lines;
}
