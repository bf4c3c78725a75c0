import { malformed } from './malformed.js';

/**
 * Reads numbers from bytes one after the other. Nothing is read or allocated beyond the end: every length is checked
 * against the bytes that are left first.
 *
 * @throws UmweltError `malformed-file` naming the file and the byte where it ends too early.
 */
export class ByteCursor {
  readonly #view: DataView;
  #at = 0;

  /** Views, and does not copy, the bytes. `first` is where in the file they begin, for messages. */
  constructor(
    readonly bytes: Uint8Array,
    readonly path: string,
    readonly littleEndian: boolean,
    readonly first = 0,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes from the start. */
  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.bytes.byteLength - this.#at;
  }

  /** Where the next byte lies in the file, for messages. */
  get place(): string {
    return `byte ${this.first + this.#at}`;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), this.littleEndian);
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2), this.littleEndian);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), this.littleEndian);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), this.littleEndian);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8), this.littleEndian);
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4), this.littleEndian);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), this.littleEndian);
  }

  /** The next bytes, as a view into the same memory. */
  take(length: number): Uint8Array {
    const from = this.#take(length);
    return this.bytes.subarray(from, from + length);
  }

  /** The next bytes as Latin-1 text. */
  text(length: number): string {
    return Buffer.from(this.take(length)).toString('latin1');
  }

  /** A cursor over the next bytes alone. */
  part(length: number): ByteCursor {
    const first = this.first + this.#at;
    return new ByteCursor(this.take(length), this.path, this.littleEndian, first);
  }

  #take(length: number): number {
    if (!(Number.isSafeInteger(length) && length >= 0 && length <= this.left)) {
      throw malformed(this.path, this.place, `expected ${length} more bytes, there are ${this.left}`);
    }
    const from = this.#at;
    this.#at += length;
    return from;
  }
}
