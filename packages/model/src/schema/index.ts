export * from './scan-report.ts';
export * from './json-schema.ts';
