import { add, multiply } from './elementwise.js';
import { sameShape, shapeMismatch, type Tensor } from './graph.js';
import { matmul } from './matrix.js';
import { softmax } from './reduction.js';

/** What a query may look at. */
export interface AttentionOptions {
  /** Each query sees the keys up to its own place alone, the last query standing at the last key. */
  readonly causal?: boolean;
}

/** Far below any score, so that its weight is exactly 0 in float32. */
const UNSEEN = -1e30;

/**
 * Averages values by how well their keys answer each query: softmax(query key^T / sqrt(d)) value.
 *
 * query [.., t, d], key [.., s, d], value [.., s, v] -> [.., t, v]; leading axes are sequences and heads. Vaswani et al.,
 * Attention is all you need, 2017.
 *
 * @throws UmweltError `shape-mismatch` where they do not fit, or where causal queries outnumber the keys.
 */
export function attention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}): Tensor {
  const [queries, width] = query.shape.slice(-2) as [number, number];
  const [keys, keyWidth] = key.shape.slice(-2) as [number, number];
  const lead = query.shape.slice(0, -2);
  if (query.shape.length < 2 || width !== keyWidth || !sameShape(lead, key.shape.slice(0, -2))) {
    throw shapeMismatch('attention', query.shape, key.shape, 'a query [.., t, d] needs a key [.., s, d]');
  }
  if (
    value.shape.length !== key.shape.length ||
    !sameShape(key.shape.slice(0, -1), value.shape.slice(0, -1))
  ) {
    throw shapeMismatch('attention', key.shape, value.shape, 'a key [.., s, d] needs a value [.., s, v]');
  }
  const scores = matmul(multiply(query, 1 / Math.sqrt(width)), key, { transposeB: true });
  if (options.causal !== true) return matmul(softmax(scores), value);
  if (queries > keys) {
    throw shapeMismatch('attention', query.shape, key.shape, 'causal queries must not outnumber the keys');
  }
  const hidden = new Float32Array(queries * keys);
  for (let at = 0; at < queries; at++)
    hidden.fill(UNSEEN, at * keys + keys - queries + at + 1, (at + 1) * keys);
  return matmul(softmax(add(scores, query.graph.constant(hidden, [queries, keys]))), value);
}
