/**
 * Channels of the multi-class masks: 0 is background. Which bleeding the labels 1–5 stand for is not stated in the
 * published code, so they are numbers here.
 */
export const mbhsegClasses = 6;

/** H×W×6 of 0 and 255 from a label map: channel c is 255 where |label − c| < 1e-6. */
export function classPlanes(labels: ArrayLike<number>): Uint8Array {
  const planes = new Uint8Array(labels.length * mbhsegClasses);
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const nearest = Math.round(labels[pixel]);
    if (nearest >= 0 && nearest < mbhsegClasses && Math.abs(labels[pixel] - nearest) < 1e-6) planes[pixel * mbhsegClasses + nearest] = 255;
  }
  return planes;
}
