/** How requests to registries and engines name their sender. */
export const USER_AGENT = 'plimsoll';
