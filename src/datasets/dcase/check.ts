import { relative } from "node:path";
import { silent, stopIfAborted, type Progress } from "../../core/index.js";
import { readWav } from "../../io/index.js";
import type { DcaseClip } from "./clip.js";
import type { GeneratedMark } from "../generated/mark.js";
import type { DcaseProblem } from "./problem.js";
import { readDcase, type DcaseOptions } from "./read.js";

export interface DcaseCheck {
  readonly root: string;
  readonly generated: Pick<GeneratedMark, "preset" | "seed"> | null;
  readonly clips: number;
  readonly machines: readonly MachineCheck[];
  readonly problems: readonly DcaseProblem[];
}

export interface MachineCheck {
  readonly machine: string;
  readonly groups: readonly {
    readonly split: string;
    readonly domain: string;
    readonly label: string;
    readonly clips: number;
  }[];
  readonly attributes: readonly string[];
  /** Clip lengths, seconds; null when no clip could be read. */
  readonly seconds: { readonly shortest: number; readonly longest: number } | null;
}

export interface CheckOptions extends DcaseOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** Hz every clip should have; 16000 unless given. */
  readonly sampleRate?: number;
}

/**
 * Looks at a DCASE folder as a method would, and at every clip's audio: counts, unreadable files, other sample rates,
 * more than one channel, clips shorter or longer than most of their machine.
 * @throws what `readDcase` throws where the data cannot be used at all; Interrupted
 */
export async function checkDcase(
  root: string,
  { progress = silent, signal, sampleRate = 16000, ...options }: CheckOptions = {},
): Promise<DcaseCheck> {
  const dataset = await readDcase(root, options);
  const problems = [...dataset.problems];
  const task = progress.begin("check dcase", dataset.clips.length);
  const seconds = new Map<DcaseClip, number>();
  for (const [done, clip] of dataset.clips.entries()) {
    stopIfAborted(signal);
    const note = (code: DcaseProblem["code"], message: string): void => {
      problems.push({ code, path: relative(root, clip.path).replaceAll("\\", "/"), message });
    };
    try {
      const wav = await readWav(clip.path);
      seconds.set(clip, wav.channels[0].length / wav.sampleRate);
      if (wav.channels[0].length === 0) note("length", "has no samples");
      if (wav.sampleRate !== sampleRate) note("sample-rate", `${wav.sampleRate} Hz instead of ${sampleRate} Hz`);
      if (wav.channels.length !== 1) note("channels", `${wav.channels.length} channels instead of 1`);
    } catch (error) {
      note("unreadable", (error as Error).message);
    }
    task.update(done + 1, clip.machine);
  }
  task.end(`${dataset.clips.length} clips`);
  const machines = dataset.machines.map((machine) => {
    const clips = dataset.clips.filter((clip) => clip.machine === machine);
    problems.push(...oddLengths(root, clips, seconds));
    return {
      machine,
      groups: groups(clips),
      attributes: dataset.attributeNames[machine] ?? [],
      seconds: range(clips, seconds),
    };
  });
  const { generated } = dataset;
  const mark = generated && { preset: generated.preset, seed: generated.seed };
  return { root, generated: mark ?? null, clips: dataset.clips.length, machines, problems };
}

function groups(clips: readonly DcaseClip[]): MachineCheck["groups"] {
  const counts = new Map<string, number>();
  for (const { split, domain, label } of clips) {
    const key = [split, domain, label].join("/");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => {
    const [split, domain, label] = key.split("/");
    return { split, domain, label, clips: count };
  });
}

function range(clips: readonly DcaseClip[], seconds: ReadonlyMap<DcaseClip, number>): MachineCheck["seconds"] {
  const known = clips.flatMap((clip) => seconds.get(clip) ?? []).sort((a, b) => a - b);
  return known.length === 0 ? null : { shortest: known[0], longest: known[known.length - 1] };
}

/** Clips that are not as long as the median clip of their machine. */
function oddLengths(root: string, clips: readonly DcaseClip[], seconds: ReadonlyMap<DcaseClip, number>): DcaseProblem[] {
  const known = clips.flatMap((clip) => seconds.get(clip) ?? []).sort((a, b) => a - b);
  const usual = known[known.length >> 1];
  return clips.flatMap((clip) => {
    const length = seconds.get(clip);
    if (length === undefined || length === usual || length === 0) return [];
    const path = relative(root, clip.path).replaceAll("\\", "/");
    return [{ code: "length" as const, path, message: `${length} s, the machine's median clip has ${usual} s` }];
  });
}
