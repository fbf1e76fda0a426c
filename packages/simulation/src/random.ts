/** Numbers in [0, 1) from a 32-bit seed: an xorshift, whose period is longer than any walk and any life. */
export function randomFrom(seed: number): () => number {
  // Zero would stay zero.
  let x = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}
