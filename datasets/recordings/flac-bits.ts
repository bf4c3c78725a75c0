/** Reads bits from bytes, most significant first. */
export interface BitReader {
  /** Reads an unsigned number of 0 to 32 bits. */
  read(count: number): number;
  /** Reads a two's-complement number of 1 to 32 bits. */
  signed(count: number): number;
  /** Counts the zeros before the next one, which is read too. */
  unary(): number;
  /** Skips to the next whole byte. */
  align(): void;
  /** The byte that the next bit is in. */
  position(): number;
}

/**
 * Opens bytes for reading by bits.
 *
 * @param from first byte.
 * @param fail is called, and must throw, where the bytes end too early.
 */
export function createBitReader(
  bytes: Uint8Array,
  from: number,
  fail: (expected: string, got: string) => never,
): BitReader {
  let at = from;
  /** Bits of the byte `at` that were read. */
  let used = 0;
  const read = (count: number): number => {
    let value = 0;
    let left = count;
    while (left > 0) {
      if (at >= bytes.length) fail('more bytes', 'the end of the file');
      const take = Math.min(left, 8 - used);
      const part = (bytes[at]! >> (8 - used - take)) & ((1 << take) - 1);
      value = value * 2 ** take + part;
      left -= take;
      used += take;
      if (used === 8) {
        used = 0;
        at++;
      }
    }
    return value;
  };
  return {
    read,
    signed(count) {
      const value = read(count);
      return value >= 2 ** (count - 1) ? value - 2 ** count : value;
    },
    unary() {
      let zeros = 0;
      while (read(1) === 0) {
        zeros++;
        // A byte of zeros at a time.
        while (used === 0 && bytes[at] === 0) {
          zeros += 8;
          at++;
        }
      }
      return zeros;
    },
    align() {
      if (used === 0) return;
      used = 0;
      at++;
    },
    position: () => at,
  };
}
