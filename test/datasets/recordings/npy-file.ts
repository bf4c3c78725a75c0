/** Writes an array of float64 as NumPy's `save` does. `values` are row-major, whatever the order in the file. */
export function npyBytes(
  values: ArrayLike<number>,
  shape: readonly number[],
  { fortran = false }: { readonly fortran?: boolean } = {},
): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '<f8', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${axes}), }`;
  const padded = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Uint8Array.of(padded.length & 255, padded.length >> 8),
    Buffer.from(padded, 'latin1'),
  ]);
  const data = Buffer.alloc(8 * values.length);
  for (let index = 0; index < values.length; index++) {
    data.writeDoubleLE(values[index]!, 8 * (fortran ? placeInFortranOrder(index, shape) : index));
  }
  return Buffer.concat([head, data]);
}

function placeInFortranOrder(index: number, shape: readonly number[]): number {
  let rest = index;
  const at = [...shape].reverse().map((length) => {
    const here = rest % length;
    rest = (rest - here) / length;
    return here;
  });
  // `at` runs from the last axis to the first.
  return at.reduce((place, here, axis) => place * shape[shape.length - 1 - axis]! + here, 0);
}
