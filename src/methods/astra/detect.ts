import { seededRandom } from "../../core/index.js";
import type { DcaseClip } from "../../datasets/index.js";
import type { ScoringConfig } from "./config.js";
import { fitNormalModel, scoreEmbedding, type NormalModel } from "./scoring.js";

/** A test clip with its anomaly score; higher is more anomalous. */
export interface ScoredClip {
  readonly case: string;
  readonly machine: string;
  readonly section: string;
  readonly domain: string;
  /** 1 anomalous, 0 normal, null where the file name does not say. */
  readonly label: 0 | 1 | null;
  /**
   * By the model of the clip's own domain, as the repository does: it reads the domain from the file name. Where the name
   * does not say, or the domain has no training clips, by the domain that finds the clip most normal.
   */
  readonly score: number;
  /** The clip is called anomalous when score ≥ threshold. */
  readonly threshold: number;
  /** Without being told the domain, as the challenge asks: the least of all domains' scores. */
  readonly scoreDomainUnknown: number;
  /** What the score is made of, for tables. */
  readonly parts?: Readonly<Record<string, number>>;
}

/** Vectors of clips by clip id; anything that can be compared by distance. */
export type Embeddings = ReadonlyMap<string, Float64Array>;

/** The models of normal sound by machine and domain; a machine without training clips in a domain has none there. */
export type NormalModels = ReadonlyMap<string, ReadonlyMap<string, NormalModel>>;

/** Fits one model of normal sound for each machine and domain to the training clips. */
export function fitNormalModels(
  training: readonly DcaseClip[],
  embeddings: Embeddings,
  scoring: ScoringConfig,
  seed: number,
): NormalModels {
  const models = new Map<string, Map<string, NormalModel>>();
  for (const { machine, domain } of training) {
    const own = models.get(machine) ?? new Map<string, NormalModel>();
    models.set(machine, own);
    if (own.has(domain)) continue;
    const rows = training
      .filter((clip) => clip.machine === machine && clip.domain === domain)
      .map((clip) => embeddings.get(clip.id)!);
    own.set(domain, fitNormalModel(rows, scoring, seededRandom(seed).stream(`clusters/${machine}/${domain}`)));
  }
  return models;
}

/** Scores test clips. Those of a machine without training clips are left out. */
export function scoreClips(test: readonly DcaseClip[], embeddings: Embeddings, models: NormalModels): ScoredClip[] {
  return test.flatMap((clip) => {
    const embedding = embeddings.get(clip.id)!;
    const views = [...(models.get(clip.machine) ?? [])].map(([domain, model]) => ({
      domain,
      threshold: model.threshold,
      ...scoreEmbedding(model, embedding),
    }));
    if (views.length === 0) return [];
    const mostNormal = views.reduce((a, b) => (b.combined < a.combined ? b : a));
    const { combined, threshold, mahalanobis, cosine, residual } =
      views.find(({ domain }) => domain === clip.domain) ?? mostNormal;
    return [
      {
        ...factsOf(clip),
        score: combined,
        threshold,
        scoreDomainUnknown: mostNormal.combined,
        parts: { mahalanobis, cosine, residual },
      },
    ];
  });
}

/** What a scored clip takes over from the dataset. */
export function factsOf({
  id,
  machine,
  section,
  domain,
  label,
}: DcaseClip): Pick<ScoredClip, "case" | "machine" | "section" | "domain" | "label"> {
  return { case: id, machine, section, domain, label: label === "unknown" ? null : label === "anomaly" ? 1 : 0 };
}
