import type { Cataloger } from './cataloger.ts';

/** Every cataloguer, in the order their packages are listed. */
export const CATALOGERS: readonly Cataloger[] = [];
