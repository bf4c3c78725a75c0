/** How far a long piece of work is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** What a person would like to see beside the bar: a loss, a file, a method. */
  readonly note?: string;
}

export type OnProgress = (progress: Progress) => void;

/** What every long piece of work accepts: who to tell, and when to stop. */
export interface Control {
  readonly onProgress?: OnProgress;
  /** Work stops at its next safe point and throws `interrupted`. */
  readonly signal?: AbortSignal;
}
