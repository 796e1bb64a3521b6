/** How much a preset makes. */
export interface DcasePreset {
  readonly seconds: number;
  /** Normal training clips per machine. */
  readonly train: Readonly<Record<"source" | "target", number>>;
  /** Normal, and as many anomalous, test clips per machine and domain. */
  readonly testEach: number;
  /** Noise-only clips per machine. */
  readonly supplemental: number;
}

export type DcasePresetName = "quick" | "small";

/**
 * `small` is the small-scale version of the ASTRA spec §9; `quick` keeps its proportions and every part of the layout,
 * so that a whole training run takes under a minute.
 */
export const dcasePresets: Readonly<Record<DcasePresetName, DcasePreset>> = {
  quick: { seconds: 1, train: { source: 24, target: 6 }, testEach: 12, supplemental: 2 },
  small: { seconds: 2, train: { source: 60, target: 10 }, testEach: 20, supplemental: 10 },
};
