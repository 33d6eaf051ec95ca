import type { ScanReport } from '@plimsoll/model';

/** Takes the next piece of output. Pieces are of any size; together they are the document. */
export type Output = (chunk: string) => void;

export interface WriteOptions {
  /** Columns of the terminal, for formats made for people. Default 100; less than 60 counts as 60. */
  columns?: number;
  /** ANSI colours, for formats made for people. The caller honours NO_COLOR and what is not a terminal. */
  color?: boolean;
  /** Shows every row where a format for people would stop at the first ones. */
  all?: boolean;
}

/** Turns a report into a document. One format is one file in this folder, listed in `index.ts`. */
export interface ReportFormat {
  /** As `--format` takes it. */
  name: string;
  /** For people: `CycloneDX 1.6 JSON`. */
  title: string;
  mediaType: string;
  /** Writes the whole document, a line feed at its end. The same report gives the same bytes. */
  write(report: ScanReport, out: Output, options: WriteOptions): void;
}
