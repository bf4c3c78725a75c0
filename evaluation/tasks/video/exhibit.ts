import sharp from 'sharp';
import { MEL_BANDS } from '../../../core/mel.js';
import type { Exhibit, LoadedCase } from '../../task.js';
import { PICTURE, SIDE } from './clip.js';
import type { VideoContext, VideoForecast, VideoTruth } from './forecast.js';

/** Pictures in a row, and each drawn so many times larger. */
const COLUMNS = 5;
const GAP = 2;

/** Draws a case: what was recorded above what each method predicts, later to the right; and the loudness of what is heard. */
export async function exhibitVideo(
  { truth }: LoadedCase<VideoContext, VideoTruth>,
  forecasts: readonly { readonly name: string; readonly forecast: VideoForecast }[],
): Promise<readonly Exhibit[]> {
  const frames = truth.horizonsS.length;
  const columns = Math.min(COLUMNS, frames);
  const chosen = Array.from({ length: columns }, (_, k) => Math.round(((k + 1) * frames) / columns) - 1);
  const rows = [truth.pictures, ...forecasts.map(({ forecast }) => forecast.pictures)];
  const png = await drawSheet(
    rows.map((pictures) => chosen.map((frame) => pictures.subarray(frame * PICTURE, (frame + 1) * PICTURE))),
  );
  const names = ['recorded', ...forecasts.map(({ name }) => name)].join(', ');
  const times = chosen.map((frame) => truth.horizonsS[frame]!.toFixed(2)).join(', ');
  const sheet: Exhibit = { title: `From above: ${names}. From the left, after ${times} s`, png };
  if (truth.bands === null) return [sheet];
  const line = (label: string, bands: Float32Array) => ({ label, x: truth.bandsS, y: loudnessOf(bands) });
  return [
    sheet,
    {
      title: 'Mean level over the bands of what is heard',
      xTitle: 'time (s)',
      yTitle: 'dB of full scale',
      lines: [
        line('recorded', truth.bands),
        ...forecasts.flatMap(({ name, forecast: { bands } }) => (bands === null ? [] : [line(name, bands)])),
      ],
    },
  ];
}

function loudnessOf(bands: Float32Array): readonly number[] {
  return Array.from({ length: bands.length / MEL_BANDS }, (_, tick) => {
    const row = bands.subarray(tick * MEL_BANDS, (tick + 1) * MEL_BANDS);
    return (10 * row.reduce((sum, value) => sum + value, 0)) / MEL_BANDS;
  });
}

async function drawSheet(rows: readonly (readonly Float32Array[])[]): Promise<Uint8Array> {
  const [width, height] = [(rows[0]?.length ?? 0) * (SIDE + GAP) + GAP, rows.length * (SIDE + GAP) + GAP];
  const sheet = new Uint8Array(width * height * 3).fill(255);
  for (const [row, pictures] of rows.entries()) {
    for (const [column, picture] of pictures.entries()) {
      for (let y = 0; y < SIDE; y++) {
        const at = ((GAP + row * (SIDE + GAP) + y) * width + GAP + column * (SIDE + GAP)) * 3;
        sheet.set(
          Uint8Array.from(picture.subarray(y * SIDE * 3, (y + 1) * SIDE * 3), (value) => Math.round(value)),
          at,
        );
      }
    }
  }
  return sharp(sheet, { raw: { width, height, channels: 3 } })
    .resize(width * 2, height * 2, { kernel: 'nearest' })
    .png()
    .toBuffer();
}
