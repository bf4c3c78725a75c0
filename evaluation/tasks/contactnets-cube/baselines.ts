/** What needs no learning, in the order of tables: each knows more than the one before. */
export const BASELINES = {
  'copy-last': 'holds the last pose',
  'constant-velocity': 'keeps the last linear and angular velocity',
  'free-fall': 'falls with constant spin, through the table',
  'physics-default': 'the engine as it comes: friction 0.5, restitution 0, one step a frame',
  'physics-fitted': 'the engine at 4 steps a frame; friction and restitution fitted on the train side',
} as const;

/** Name of a baseline, as the command line takes it. */
export type BaselineName = keyof typeof BASELINES;
