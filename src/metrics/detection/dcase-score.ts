import { InvalidValue, type MetricValue } from "../../core/index.js";
import { metricValue, undefinedMetric } from "../value.js";
import { auc } from "./auc.js";
import { pauc, type PaucConvention } from "./pauc.js";

/** A test clip with what the official score needs to know about it. */
export interface DcaseClip {
  readonly machine: string;
  /** Section, or the machine id of 2020; "00" when there is only one. */
  readonly section?: string;
  /** `source` or `target`; ignored for 2020. */
  readonly domain?: string;
  /** 1 or true: anomalous. */
  readonly label: number | boolean;
  readonly score: number;
}

export interface DcaseOptions {
  /** Challenge year; the protocol changed in 2021 and 2022. Default 2023. */
  readonly year?: 2020 | 2021 | 2022 | 2023 | 2024 | 2025;
  readonly maxFpr?: number;
  /** `mcclish` (default) is what the official evaluators compute; `dcase` is the papers' formula. */
  readonly paucConvention?: PaucConvention;
}

export interface DcaseScore {
  /** Ω, id `dcase_score`. */
  readonly official: MetricValue;
  /** The AUCs and pAUCs it averages, each with its group. */
  readonly parts: readonly MetricValue[];
}

/**
 * The official score of DCASE Task 2 (anomalous sound detection), by year.
 *
 * `2020`: AUC and pAUC for each machine id, arithmetic mean over ids and then over machine types and the two metrics.
 * `2021`: AUC and pAUC for each section and domain, a domain's normals against its own anomalies; harmonic mean of all.
 * `2022` to `2025`: AUC for each section and domain, a domain's normals against the anomalies of **both** domains;
 * pAUC for each section over both domains; harmonic mean of all. The harmonic mean lifts zeros to machine epsilon, as
 * the official evaluators do. A part that is undefined (one class only) makes Ω undefined, because leaving it out
 * would make the score better.
 *
 * @throws InvalidValue when there are no clips, or a clip lacks its domain
 * @see Koizumi et al. 2020; Kawaguchi et al. 2021; Dohi et al. 2022, 2023 (DCASE workshop task descriptions)
 */
export function dcaseScore(
  clips: readonly DcaseClip[],
  { year = 2023, maxFpr = 0.1, paucConvention = "mcclish" }: DcaseOptions = {},
): DcaseScore {
  if (clips.length === 0) throw new InvalidValue("dcaseScore", "at least one clip is needed", []);
  const parts = [...groupBy(clips, (clip) => `${clip.machine}\u0000${clip.section ?? "00"}`)].flatMap(([, section]) => {
    const { machine } = section[0];
    const group = { machine, section: section[0].section ?? "00" };
    const area = (of: readonly DcaseClip[], extra = {}): MetricValue => ({
      ...auc(scores(of), labels(of)),
      group: { ...group, ...extra },
    });
    const partial = (of: readonly DcaseClip[], extra = {}): MetricValue => {
      return { ...pauc(scores(of), labels(of), { maxFpr, convention: paucConvention }), group: { ...group, ...extra } };
    };
    if (year === 2020) return [area(section), partial(section)];
    const domains = [...groupBy(section, domainOf)].sort(([a], [b]) => (a < b ? -1 : 1));
    if (year === 2021) return domains.flatMap(([domain, own]) => [area(own, { domain }), partial(own, { domain })]);
    const anomalies = section.filter((clip) => Boolean(clip.label));
    const areas = domains.map(([domain, own]) => area([...own.filter((clip) => !clip.label), ...anomalies], { domain }));
    return [...areas, partial(section)];
  });
  return { official: combine(parts, year, clips.length), parts };
}

/** The harmonic mean with zeros lifted to machine epsilon, as the DCASE evaluators compute it. */
export function harmonicMean(values: readonly number[]): number {
  return values.length / values.reduce((sum, value) => sum + 1 / Math.max(value, Number.EPSILON), 0);
}

function combine(parts: readonly MetricValue[], year: number, n: number): MetricValue {
  const convention = year === 2020 ? "dcase-2020-arithmetic" : year === 2021 ? "dcase-2021-harmonic" : "dcase-2022-harmonic";
  const gaps = parts.filter((part) => part.value === null);
  if (gaps.length > 0) {
    const exclusions = gaps.map((part) => ({
      case: `${part.id} ${Object.values(part.group ?? {}).join("/")}`,
      reason: part.excluded[0].reason,
    }));
    return { ...undefinedMetric("dcase_score", convention, "one-class-only"), excluded: exclusions };
  }
  const values = (of: readonly MetricValue[]): number[] => of.map((part) => part.value ?? NaN);
  const average = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const overMachines = (): number => {
    return average([...groupBy(parts, (part) => part.group?.machine ?? "").values()].map((of) => average(values(of))));
  };
  return metricValue("dcase_score", convention, year === 2020 ? overMachines() : harmonicMean(values(parts)), n);
}

function domainOf(clip: DcaseClip): string {
  if (clip.domain === undefined) throw new InvalidValue("dcaseScore", "every clip needs its domain from 2021 on", clip);
  return clip.domain;
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const list = groups.get(key(item));
    if (list) list.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

const scores = (clips: readonly DcaseClip[]): number[] => clips.map((clip) => clip.score);
const labels = (clips: readonly DcaseClip[]): (number | boolean)[] => clips.map((clip) => clip.label);
