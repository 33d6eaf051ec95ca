import type { ReportFormat } from './format.ts';

/** What is known of a format before its code is loaded. */
export interface FormatEntry extends Omit<ReportFormat, 'write'> {
  load(): Promise<ReportFormat>;
}

export const FORMATS: readonly FormatEntry[] = [
  {
    name: 'table',
    title: 'Table for a terminal',
    mediaType: 'text/plain; charset=utf-8',
    load: async () => (await import('./table.ts')).tableFormat,
  },
  {
    name: 'json',
    title: 'Plimsoll JSON',
    mediaType: 'application/json',
    load: async () => (await import('./json.ts')).jsonFormat,
  },
  {
    name: 'cyclonedx',
    title: 'CycloneDX 1.6 JSON',
    mediaType: 'application/vnd.cyclonedx+json; version=1.6',
    load: async () => (await import('./cyclonedx.ts')).cyclonedxFormat,
  },
  {
    name: 'spdx',
    title: 'SPDX 2.3 JSON',
    mediaType: 'application/spdx+json',
    load: async () => (await import('./spdx.ts')).spdxFormat,
  },
];

/** The format of that name, as `--format` takes it; undefined when there is none. */
export function formatNamed(name: string): FormatEntry | undefined {
  return FORMATS.find((format) => format.name === name);
}
