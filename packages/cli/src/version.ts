declare const __PLIMSOLL_VERSION__: string | undefined;
declare const __SCANNER_GENERATION__: string | undefined;

/** The release, set by the build; `0.0.0-source` when the sources run unbuilt, as in tests. */
export const VERSION = typeof __PLIMSOLL_VERSION__ === 'string' ? __PLIMSOLL_VERSION__ : '0.0.0-source';

/** Names the state of the cataloguers, set by the build: cached layers belong to one. */
export const SCANNER_GENERATION = typeof __SCANNER_GENERATION__ === 'string' ? __SCANNER_GENERATION__ : 'source';
