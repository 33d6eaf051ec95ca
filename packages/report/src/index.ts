export { FORMATS, formatNamed, type FormatEntry } from './formats/index.ts';
export type { Output, ReportFormat, WriteOptions } from './formats/format.ts';
export { writeExplanation, type ExplanationContext } from './explain.ts';
