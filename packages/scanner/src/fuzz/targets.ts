import { CATALOGER_TARGETS } from './cataloger-targets.ts';
import { credentialsTarget } from './credentials-target.ts';
import { IMAGE_TARGETS } from './image-targets.ts';
import type { FuzzTarget } from './target.ts';

/** Every parser of what someone else wrote. */
export const TARGETS: readonly FuzzTarget[] = [...IMAGE_TARGETS, ...CATALOGER_TARGETS, credentialsTarget];
