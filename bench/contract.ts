/** What a bench reports: a value and, measured in the same run, what it is compared with. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the reference is, in words. */
  readonly reference: string;
  readonly reference_value: number;
  /** value / reference_value */
  readonly ratio: number;
}
