import { makeAcdc, makeBratsSlices, makeDcase, makeLidc, makeMbhsegRaw, makePrsMed, makeRefuge, type MakeOptions } from "../datasets/index.js";

/**
 * Datasets a study can have made for it when they are not there, by the name its `dataset` field gives.
 * A new dataset is one line here.
 */
export const sampleData: Readonly<Record<string, (options: MakeOptions<"quick" | "small">) => Promise<unknown>>> = {
  brats: makeBratsSlices,
  dcase: makeDcase,
  lidc: makeLidc,
  mbhseg: makeMbhsegRaw,
  refuge: makeRefuge,
  acdc: makeAcdc,
  "prs-med": makePrsMed,
};
