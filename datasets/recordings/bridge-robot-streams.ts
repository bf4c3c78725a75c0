import type { FieldDescription, StreamDescription } from '../contract.js';

/** A camera of the recording and the stream that it becomes. */
export interface BridgeCamera {
  /** Its name in the file, `image_0`. */
  readonly feature: string;
  readonly stream: string;
  readonly width: number;
  readonly height: number;
}

/** What an action's numbers are, in order. */
export const BRIDGE_ACTION = [
  { label: 'dx', unit: 'm' },
  { label: 'dy', unit: 'm' },
  { label: 'dz', unit: 'm' },
  { label: 'droll', unit: 'rad' },
  { label: 'dpitch', unit: 'rad' },
  { label: 'dyaw', unit: 'rad' },
  { label: 'gripper', unit: '1' },
] as const;

/** Describes the streams of clips: cameras, the gripper's pose and opening, and the action. */
export function bridgeStreams(
  cameras: readonly BridgeCamera[],
  rateHz: number,
): readonly StreamDescription[] {
  const stream = (
    name: string,
    kind: string,
    fields: readonly FieldDescription[],
    metadata: StreamDescription['metadata'] = {},
  ): StreamDescription => ({ name, kind, rateHz, samplesPerRow: 1, fields, metadata });
  return [
    ...cameras.map(({ stream: name, feature, width, height }) =>
      stream(
        name,
        'camera',
        [
          {
            name: 'colour',
            dataType: 'uint8',
            shape: [height, width, 3],
            unit: 'sRGB',
            description: 'red, green, blue; top row first, left column first',
          },
        ],
        { feature },
      ),
    ),
    stream('state', 'truth', STATE, { bodies: [{ name: 'gripper', semantic: 'robot' }] }),
    stream('gripper', 'encoder', [
      field(
        'position',
        [],
        '1',
        'opening of the gripper, 0 closed to 1 open (somewhat beyond where the sensor reads so)',
      ),
    ]),
    stream(
      'action',
      'action',
      [
        {
          name: 'value',
          dataType: 'float32',
          shape: [BRIDGE_ACTION.length],
          unit: '1',
          description:
            "what is commanded from this step to the next, by metadata.components; the robot's base",
        },
      ],
      { components: BRIDGE_ACTION },
    ),
  ];
}

function field(name: string, shape: readonly number[], unit: string, description: string): FieldDescription {
  return { name, dataType: 'float64', shape, unit, description };
}

const STATE: readonly FieldDescription[] = [
  field('positionM', [1, 3], 'm', "of the gripper, the robot's base"),
  field(
    'orientation',
    [1, 4],
    '1',
    "unit quaternion w x y z, the robot's base from the gripper's neutral pose",
  ),
  field('linearVelocityMps', [1, 3], 'm/s', "the robot's base; difference of positions"),
  field('angularVelocityRadps', [1, 3], 'rad/s', "the robot's base; difference of orientations"),
];
