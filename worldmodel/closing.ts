/**
 * Does work and then closes all that it asked to, the last opened first, whether work or a close before failed.
 *
 * @param work is given a function that notes what to close.
 * @returns what the work returns.
 * @throws what the work threw, else what the first failing close threw.
 */
export async function closingAll<T>(
  work: (closeLater: (close: () => Promise<void>) => void) => Promise<T>,
): Promise<T> {
  const closes: (() => Promise<void>)[] = [];
  const failures: { readonly reason: unknown }[] = [];
  const keep = (reason: unknown): void => {
    failures.push({ reason });
  };
  const done = work((close) => {
    closes.unshift(close);
  });
  await done.catch(keep);
  for (const close of closes) await Promise.resolve().then(close).catch(keep);
  if (failures.length > 0) throw failures[0]!.reason;
  return done;
}
