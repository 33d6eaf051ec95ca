import type { Handlers } from '../context.ts';

/** Every handler of the API. */
export const handlers: Partial<Handlers> = {};
