export { assess, type AssessOptions } from './assess.ts';
export * from './database/index.ts';
export * from './feeds/index.ts';
export * from './matching/index.ts';
export * from './versions/index.ts';
