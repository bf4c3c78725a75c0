/**
 * A named stream of random numbers. Two streams with different names are independent; a stream's numbers depend on its
 * name alone, never on what other streams exist or in which order they are read.
 */
export interface RandomStream {
  /** Next number, uniform in [0, 1), float64 with 53 random bits. */
  uniform(): number;
  /** Next number from the standard normal distribution. */
  normal(): number;
  /** Next integer, uniform in [0, bound). */
  integer(bound: number): number;
}
