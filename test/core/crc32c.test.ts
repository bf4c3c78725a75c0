import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../core/crc32c.js';

describe('crc32c', () => {
  const bytes = (value: (index: number) => number) =>
    Uint8Array.from({ length: 32 }, (_, index) => value(index));

  it.each([
    ['32 zeros', bytes(() => 0), 0x8a9136aa],
    ['32 ones', bytes(() => 0xff), 0x62a8ab43],
    ['counting up', bytes((index) => index), 0x46dd794e],
    ['counting down', bytes((index) => 31 - index), 0x113fdb5c],
    [
      'an iSCSI read',
      Buffer.from(
        '01c00000000000000000000000000000140000000000040000000014000000182800000000000000' +
          '0200000000000000',
        'hex',
      ),
      0xd9963a56,
    ],
    ['the check word', Buffer.from('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(), 0],
  ])('gives what RFC 3720 lists for %s', (_, data, expected) => {
    expect(crc32c(data)).toBe(expected);
  });
});

describe('maskedCrc32c', () => {
  it("gives what the frames of a TensorFlow event file hold of a record's length", () => {
    // 18 00 00 00 00 00 00 00 and a3 7f 4b 22: the first frame of every file of that version's.
    expect(maskedCrc32c(Uint8Array.of(0x18, 0, 0, 0, 0, 0, 0, 0))).toBe(0x224b7fa3);
  });
});
