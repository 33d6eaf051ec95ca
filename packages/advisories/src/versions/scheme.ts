/** The version rules of one ecosystem. One scheme is one file in this folder, listed in `index.ts`. */
export interface VersionScheme {
  /** `dpkg`, `semver`, `pep440`… */
  name: string;
  /** OSV ecosystem names (without release) that use it: `Debian`, `npm`. */
  ecosystems: readonly string[];
  /**
   * Total order: negative when a < b, 0 when equal, positive when a > b.
   * Never throws: a version that breaks the rules still gets a place, as the ecosystem's own tool
   * would give it or, where the tool refuses, by a documented fallback.
   */
  compare(a: string, b: string): number;
}
