/** One parser that reads what a hostile author of an image, an SBOM or a config may write. */
export interface FuzzTarget {
  name: string;
  /** Well-formed inputs to start from. */
  seeds(): Buffer[];
  /** Words of the format that random bytes would not hit on. */
  tokens?: readonly string[];
  /**
   * Reads one input. Returns for good input and for bad input that is refused as it should be, throws
   * for everything else: a parser's own exception, or a result that breaks what the parser promises.
   */
  run(input: Buffer): void | Promise<void>;
}
