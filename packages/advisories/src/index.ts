export * from './matching/index.ts';
export * from './versions/index.ts';
