export * from './json-schema.ts';
export * from './sbom.ts';
export { scanReportSchema } from './scan-report.ts';
