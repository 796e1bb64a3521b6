/**
 * A learning rate that falls along half a cosine, after a linear rise.
 * @param at how far training is: steps or epochs done, 0 … total
 * @example cosineRate(10, { total: 20, from: 1e-4, to: 1e-6 }) // 5.05e-5, PyTorch's CosineAnnealingLR
 * @example cosineRate(0, { total: 300, from: 2e-3, to: 0, warmup: 20 }) // 1e-4: the first of twenty rising steps
 * @see Loshchilov & Hutter, SGDR, 2017, eq. 5; PRS-Med spec §10, test vector 8
 */
export function cosineRate(at: number, { total, from, to, warmup = 0 }: { readonly total: number; readonly from: number; readonly to: number; readonly warmup?: number }): number {
  const rise = at < warmup ? (at + 1) / warmup : 1;
  return rise * (to + ((from - to) * (1 + Math.cos((Math.PI * at) / total))) / 2);
}
