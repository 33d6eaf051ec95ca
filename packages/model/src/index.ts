export * from './advisory.ts';
export * from './errors.ts';
export * from './finding.ts';
export * from './image.ts';
export * from './package.ts';
export * from './purl.ts';
export * from './sbom.ts';
