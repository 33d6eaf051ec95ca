const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * How deeply brackets of a JSON text nest, found before it is parsed. Stops as soon as the depth is
 * over `limit`. In UTF-8 no byte of a longer character equals one of the bytes looked for.
 */
export function maxJsonDepth(bytes: Buffer, limit: number): number {
  let depth = 0;
  let max = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      for (i++; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      if (depth > max) {
        max = depth;
        if (max > limit) return max;
      }
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    }
  }
  return max;
}
