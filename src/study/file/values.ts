import type { Field, Scalar } from "./fields.js";
import type { Resources } from "./study.js";

export function scalars(field: Field | undefined): Readonly<Record<string, Scalar>> {
  return Object.fromEntries(Object.entries(field?.fields() ?? {}).map(([name, value]) => [name, value.scalar()]));
}

const defaultResources: Resources = { cores: 1, memoryGb: 2, gpus: 0 };

export function resourcesOf(field: Field | undefined, base: Resources = defaultResources): Resources {
  const { cores, memoryGb, gpus, time } = field?.fields(["cores", "memoryGb", "gpus", "time"]) ?? {};
  return {
    ...base,
    ...(cores && { cores: cores.whole(1) }),
    ...(memoryGb && { memoryGb: memoryGb.positive() }),
    ...(gpus && { gpus: gpus.whole() }),
    ...(time && { minutes: minutes(time) }),
  };
}

const minutesOf: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60, d: 1440 };

/**
 * A length of time in minutes.
 * @example "90m" → 90, "1.5h" → 90, "2d" → 2880, "01:30:00" → 90
 * @throws BadStudyFile when it is none of these
 */
export function minutes(field: Field): number {
  const text = String(field.value).trim();
  const short = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(text);
  const clock = /^(\d+):([0-5]\d):([0-5]\d)$/.exec(text);
  const found = short ? Number(short[1]) * minutesOf[short[2]] : clock ? Number(clock[1]) * 60 + Number(clock[2]) + Number(clock[3]) / 60 : 0;
  if (!(found > 0)) throw field.fault('must be a time such as 30m, 2h, 1d or "01:30:00"');
  return found;
}
