/** Two parts of a scenario that are each well formed and do not fit together. */
export interface Conflict {
  readonly path: PropertyKey[];
  readonly message: string;
}
