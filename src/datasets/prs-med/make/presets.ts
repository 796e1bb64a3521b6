export type PrsMedPreset = "quick" | "small";

/** Rows a split; files are 64×64. */
export const prsMedPresets: Readonly<Record<PrsMedPreset, { readonly train: number; readonly val: number; readonly test: number }>> = {
  quick: { train: 360, val: 40, test: 80 },
  small: { train: 1200, val: 150, test: 240 },
};

/** Side of a generated picture; a method resizes it to its own. */
export const drawnSize = 64;
