import type { Output, WriteOptions } from '../formats/format.ts';
import { cutMiddle, textWidth, wrap } from '../text/printable.ts';
import { styleFor, type Style } from '../text/style.ts';

const MIN_COLUMNS = 60;
const DEFAULT_COLUMNS = 100;

/** Where text for people is written to: knows the width and the colours. */
export class Page {
  readonly width: number;
  readonly style: Style;
  readonly all: boolean;
  readonly #out: Output;

  constructor(out: Output, options: WriteOptions) {
    this.#out = out;
    this.width = Math.max(MIN_COLUMNS, Math.floor(options.columns ?? DEFAULT_COLUMNS) || DEFAULT_COLUMNS);
    this.style = styleFor(options.color);
    this.all = options.all ?? false;
  }

  /** One line that is known to fit. */
  line(text = ''): void {
    this.#out(`${text.trimEnd()}\n`);
  }

  heading(text: string): void {
    this.line();
    this.paragraph(text, 0, { paint: this.style.bold });
  }

  /** Printable text under an indent, on as many lines as it needs; the first line may start with a label. */
  paragraph(text: string, indent: number, options: ParagraphOptions = {}): void {
    const { label = '', paint = plain, paintLabel = plain } = options;
    wrap(text, this.width - indent).forEach((part, i) => {
      this.line((i === 0 ? paintLabel(label) + ' '.repeat(Math.max(0, indent - textWidth(label))) : ' '.repeat(indent)) + paint(part));
    });
  }

  /** A shell command by its words, continued over lines as a shell reads it; a word is never broken. */
  command(words: readonly string[], indent: number, label = ''): void {
    let margin = label.padEnd(indent);
    let line = '';
    for (const word of words) {
      if (line !== '' && textWidth(line) + 1 + textWidth(word) > this.width - indent - 2) {
        this.line(`${margin}${line} \\`);
        margin = ' '.repeat(indent);
        line = word;
      } else {
        line += (line === '' ? '' : ' ') + word;
      }
    }
    this.line(margin + line);
  }

  /** Short items on as many lines as they need, never broken within an item. */
  items(items: readonly Item[], indent: number, label = ''): void {
    const separator = ' · ';
    let line = '';
    let width = 0;
    let margin = label.padEnd(indent);
    const flush = (): void => {
      this.line(margin + line);
      margin = ' '.repeat(indent);
    };
    for (const { text, paint = plain } of items) {
      const fit = cutMiddle(text, this.width - indent);
      if (width > 0 && width + separator.length + textWidth(fit) > this.width - indent) {
        flush();
        line = '';
        width = 0;
      }
      if (width > 0) {
        line += separator;
        width += separator.length;
      }
      line += paint(fit);
      width += textWidth(fit);
    }
    if (width > 0) flush();
  }
}

export interface Item {
  text: string;
  paint?: (text: string) => string;
}

export interface ParagraphOptions {
  label?: string;
  paint?: (text: string) => string;
  paintLabel?: (text: string) => string;
}

const plain = (text: string): string => text;
