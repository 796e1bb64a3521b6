import { UsageError, type CaseScore } from "../core/index.js";
import {
  assdOf,
  boundaryIou,
  boundaryWidth,
  clDice,
  cropPair,
  diceOf,
  hausdorffOf,
  hd95Of,
  iouOf,
  emptyDistance,
  lesionF1,
  masdOf,
  robustHausdorff,
  surfaceDiceOf,
  surfaceDistancesOf,
  surfelDistancesOf,
  volumeDifferenceOf,
  voxelSurfaceDiceOf,
  type BothEmpty,
  type CroppedPair,
  type DistanceOptions,
  type Grid,
  type Overlap,
  type SurfaceDistances,
  type SurfelDistances,
} from "../metrics/index.js";

/** A metric as asked for on the command line: `dice`, `hd95:pooled`, `nsd@2`. Plain data, so that it can cross threads. */
export interface MetricRequest {
  readonly id: string;
  readonly convention: string;
  /** The number after `@`. */
  readonly parameter: number | null;
}

export interface EmptyPolicies {
  readonly whenBothEmpty?: BothEmpty;
  readonly whenOneEmpty?: DistanceOptions["whenOneEmpty"];
}

interface Kind {
  readonly conventions: readonly string[];
  /** What `@` means, when it is needed, and when it may be left out. */
  readonly parameter?: string;
  readonly optional?: string;
  readonly better: "higher" | "lower";
  score(subject: Subject, request: MetricRequest, policies: EmptyPolicies): CaseScore;
}

/**
 * Reads `dice,hd95:pooled,nsd@2`.
 * @throws UsageError for a metric, convention or parameter that does not exist, listing what does
 */
export function parseMetrics(texts: readonly string[]): MetricRequest[] {
  return texts.map((text) => {
    const [, id, convention, parameter] = /^([a-z0-9_]+)(?::([a-z0-9-]+))?(?:@(.+))?$/.exec(text) ?? [];
    const kind = id === undefined ? undefined : kinds[id];
    if (!kind)
      throw new UsageError(`There is no metric ${JSON.stringify(text)}; the metrics are ${Object.keys(kinds).join(", ")}.`);
    if (convention !== undefined && !kind.conventions.includes(convention)) {
      throw new UsageError(`${id} has no convention ${JSON.stringify(convention)}; it has ${kind.conventions.join(", ")}.`);
    }
    const value = parameter === undefined ? null : Number(parameter);
    if (kind.parameter !== undefined && value === null) throw new UsageError(`${id} needs ${kind.parameter}, e.g. ${id}@2.`);
    const meaning = kind.parameter ?? kind.optional;
    if (value !== null && (meaning === undefined || !(value >= 0))) {
      throw new UsageError(
        `${JSON.stringify(text)}: ${meaning === undefined ? `${id} takes no @` : `${meaning} is a number from 0`}.`,
      );
    }
    return { id, convention: convention ?? kind.conventions[0], parameter: value };
  });
}

/** The convention as it is printed: with its parameter and, where it is not the default, the empty-mask policy. */
export function describeConvention(
  { id, convention, parameter }: MetricRequest,
  { whenBothEmpty = "skip", whenOneEmpty = "skip" }: EmptyPolicies,
): string {
  const parts = [parameter === null ? convention : `${convention}@${parameter}${id === "nsd" ? "mm" : ""}`];
  if (whenBothEmpty !== "skip") parts.push(`both-empty-${whenBothEmpty}`);
  if (whenOneEmpty !== "skip" && distanceIds.has(id))
    parts.push(`one-empty-${whenOneEmpty}${typeof whenOneEmpty === "number" ? "mm" : ""}`);
  return parts.join(", ");
}

/** Scores one label of one case; what several metrics need is computed once. */
export function scoreMasks(subject: Subject, requests: readonly MetricRequest[], policies: EmptyPolicies): CaseScore[] {
  return requests.map((request) => kinds[request.id].score(subject, request, policies));
}

/** One label of a prediction and its truth, with the intermediate results that metrics share. */
export class Subject {
  #pair: CroppedPair | null = null;
  #surfaces: SurfaceDistances | null = null;
  #surfels: SurfelDistances | null = null;

  constructor(
    readonly prediction: Uint8Array | Uint16Array,
    readonly truth: Uint8Array | Uint16Array,
    readonly grid: Grid,
    /** Undefined: any non-zero value. */
    readonly label: number | undefined,
    readonly overlap: Overlap,
  ) {}

  get isEmpty(): { predictionEmpty: boolean; truthEmpty: boolean } {
    return { predictionEmpty: this.overlap.predicted === 0, truthEmpty: this.overlap.actual === 0 };
  }

  get pair(): CroppedPair {
    return (this.#pair ??= cropPair(this.prediction, this.truth, this.grid, this.label));
  }

  get surfaces(): SurfaceDistances {
    return (this.#surfaces ??= surfaceDistancesOf(this.pair));
  }

  get surfels(): SurfelDistances {
    return (this.#surfels ??= surfelDistancesOf(this.pair));
  }

  /** The cropped masks and their grid, for metrics of whole masks. */
  get cropped(): readonly [Uint8Array, Uint8Array, Grid] {
    const { size, spacing, dimensions, prediction, truth } = this.pair;
    const axes = dimensions === 2 ? 1 : 0;
    return [prediction, truth, { shape: size.slice(axes), spacingMm: spacing.slice(axes) }];
  }
}

const overlapPolicy = ({ whenBothEmpty }: EmptyPolicies) => ({ whenBothEmpty });
const distancePolicy = ({ whenBothEmpty, whenOneEmpty }: EmptyPolicies): DistanceOptions => ({
  whenBothEmpty: whenBothEmpty === undefined || whenBothEmpty === "skip" ? "skip" : "zero",
  whenOneEmpty,
});

const kinds: Readonly<Record<string, Kind>> = {
  dice: {
    conventions: ["binary"],
    better: "higher",
    score: ({ overlap }, _, policies) => diceOf(overlap, overlapPolicy(policies)),
  },
  iou: {
    conventions: ["binary"],
    better: "higher",
    score: ({ overlap }, _, policies) => iouOf(overlap, overlapPolicy(policies)),
  },
  hd: {
    conventions: ["surface-voxels"],
    better: "lower",
    score: (subject, _, policies) =>
      emptyDistance(subject.isEmpty, distancePolicy(policies), subject.grid) ?? hausdorffOf(subject.surfaces),
  },
  hd95: {
    conventions: ["directed-max", "pooled", "surfel-weighted"],
    better: "lower",
    score: (subject, { convention }, policies) => {
      const empty = emptyDistance(subject.isEmpty, distancePolicy(policies), subject.grid);
      if (empty) return empty;
      if (convention === "surfel-weighted") return { score: robustHausdorff(subject.surfels, 0.95) };
      return hd95Of(subject.surfaces, { convention: convention === "pooled" ? "pooled" : "directed-max" });
    },
  },
  assd: {
    conventions: ["pooled"],
    better: "lower",
    score: (subject, _, policies) =>
      emptyDistance(subject.isEmpty, distancePolicy(policies), subject.grid) ?? assdOf(subject.surfaces),
  },
  masd: {
    conventions: ["mean-of-directed"],
    better: "lower",
    score: (subject, _, policies) =>
      emptyDistance(subject.isEmpty, distancePolicy(policies), subject.grid) ?? masdOf(subject.surfaces),
  },
  nsd: {
    conventions: ["surfel", "surface-voxels"],
    parameter: "a tolerance in mm",
    better: "higher",
    score: (subject, { convention, parameter }, { whenBothEmpty = "skip" }) => {
      const { predictionEmpty, truthEmpty } = subject.isEmpty;
      if (!predictionEmpty && !truthEmpty) {
        if (convention === "surface-voxels") return voxelSurfaceDiceOf(subject.surfaces, parameter ?? 0);
        return surfaceDiceOf(subject.surfels, parameter ?? 0);
      }
      if (predictionEmpty !== truthEmpty) return { score: 0 };
      return whenBothEmpty === "skip" ? { excluded: "both-empty" } : { score: whenBothEmpty === "one" ? 1 : 0 };
    },
  },
  volume_difference: {
    conventions: ["relative", "signed-relative", "absolute-mm3", "signed-mm3"],
    better: "lower",
    score: ({ overlap, grid }, { convention }) =>
      volumeDifferenceOf(overlap, grid, {
        convention: convention as "relative" | "signed-relative" | "absolute-mm3" | "signed-mm3",
      }),
  },
  boundary_iou: {
    conventions: ["box-erosion"],
    optional: "a width in voxels",
    better: "higher",
    score: (subject, { parameter }, policies) => {
      const [prediction, truth, grid] = subject.cropped;
      if (prediction.length === 0) return diceOf(subject.overlap, overlapPolicy(policies));
      return boundaryIou(prediction, truth, grid, {
        widthVoxels: parameter ?? boundaryWidth(subject.grid.shape),
        ...overlapPolicy(policies),
      });
    },
  },
  cldice: {
    conventions: ["thinning"],
    better: "higher",
    score: (subject, _, policies) => {
      const [prediction, truth, grid] = subject.cropped;
      return prediction.length === 0
        ? diceOf(subject.overlap, overlapPolicy(policies))
        : clDice(prediction, truth, grid, overlapPolicy(policies));
    },
  },
  lesion_f1: {
    conventions: ["any-overlap", "iou-half"],
    better: "higher",
    score: (subject, { convention }, policies) => {
      const [prediction, truth, grid] = subject.cropped;
      if (prediction.length === 0) return diceOf(subject.overlap, overlapPolicy(policies));
      return lesionF1(prediction, truth, grid, {
        convention: convention as "any-overlap" | "iou-half",
        ...overlapPolicy(policies),
      });
    },
  },
};

const distanceIds = new Set(["hd", "hd95", "assd", "masd"]);
