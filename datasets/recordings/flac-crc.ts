/** Computes the checksum of bytes from `from` to before `to`, most significant bit first, from 0. */
export function crc(bytes: Uint8Array, from: number, to: number, width: number, polynomial: number): number {
  const table = CRC_TABLES.get(width) ?? tabulateCrc(width, polynomial);
  const mask = 2 ** width - 1;
  let value = 0;
  for (let index = from; index < to; index++)
    value = ((value << 8) & mask) ^ table[((value >> (width - 8)) ^ bytes[index]!) & 0xff]!;
  return value;
}

const CRC_TABLES = new Map<number, Uint16Array>();

function tabulateCrc(width: number, polynomial: number): Uint16Array {
  const top = 2 ** (width - 1);
  const table = Uint16Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) value = value & top ? (value << 1) ^ polynomial : value << 1;
    return value & (2 ** width - 1);
  });
  CRC_TABLES.set(width, table);
  return table;
}
