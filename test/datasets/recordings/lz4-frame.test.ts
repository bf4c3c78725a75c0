import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpackLz4 } from '../../../datasets/recordings/lz4-frame.js';
import { expectSafeFromHostileBytes } from './hostile.js';
import { lz4Frame } from './mcap-file.js';

const TEXT = Buffer.concat([
  Buffer.from('umwelt '.repeat(40)),
  Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  Buffer.alloc(5000),
  Buffer.from('the end of the run, the end of the run'),
]);
const ALL = TEXT.toString('hex', 280, 536);
/** By the reference program (lz4 1.9): `-9`, and `-1 --content-size -BX`, with a checksum behind each block. */
const FRAMES = [
  `04224d186440a7400100007f756d77656c74200700fefff2${ALL.slice(0, 512)}000100${'ff'.repeat(19)}87b074686520656e64206f66200b005972756e2c20140050652072756e000000002308fbda`,
  `04224d187c40c6150000000000000f440100007f756d77656c74200700fefff4${ALL.slice(0, 512)}0000000300${'ff'.repeat(19)}85b074686520656e64206f66200b004172756e2c090005140050652072756e21dabfc5000000002308fbda`,
].map((hex) => Buffer.from(hex, 'hex'));

describe('unpackLz4', () => {
  it('unpacks what the reference program packed', () => {
    for (const frame of FRAMES)
      expect(Buffer.from(unpackLz4(frame, TEXT.length, 'x')).equals(TEXT)).toBe(true);
  });

  it('unpacks stored blocks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200_000, size: 'max' }), (bytes) => {
        expect(Buffer.from(unpackLz4(lz4Frame(bytes), bytes.length, 'x')).equals(bytes)).toBe(true);
      }),
      { numRuns: 5 },
    );
  });

  it.each<[string, Uint8Array, number, RegExp]>([
    ['more than it says', FRAMES[0]!, TEXT.length - 1, /x, byte \d+: it unpacks to more bytes/],
    ['less than it says', FRAMES[0]!, TEXT.length + 1, /unpacks to 5574 bytes, not to 5575/],
    ['a frame of something else', Buffer.from('something else'), 10, /no LZ4 frame/],
    ['a frame with a dictionary', Buffer.from('04224d186140820000000000000000', 'hex'), 0, /dictionary/],
    [
      'a match before the start',
      Buffer.from('04224d1860408204000000 10410500 00000000'.replaceAll(' ', ''), 'hex'),
      99,
      /a match 5 bytes back of 1/,
    ],
  ])('refuses %s', (_, bytes, size, message) => {
    expect(() => unpackLz4(bytes, size, 'x')).toThrow(message);
  });

  it('gives a result or an error that names the file, whatever the bytes', async () => {
    const unpack = (bytes: Uint8Array, name: string) => unpackLz4(bytes, TEXT.length, name);
    for (const valid of FRAMES) await expectSafeFromHostileBytes(unpack, { fileName: 'a.lz4', valid });
  });
});
