export { FORMATS, formatNamed, type FormatEntry } from './formats/index.ts';
export type { Output, ReportFormat, WriteOptions } from './formats/format.ts';
