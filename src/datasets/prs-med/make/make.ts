import { join } from "node:path";
import { seededRandom, type Random } from "../../../core/index.js";
import { writeCsv, writePng } from "../../../io/index.js";
import type { GeneratedMark } from "../../generated/mark.js";
import { writeGenerated, type MakeOptions, type PlannedGroup } from "../../generated/folder.js";
import type { PrsSplit } from "../row.js";
import { planScenes, taskNames, type PlannedScene } from "./plan.js";
import { drawnSize, prsMedPresets, type PrsMedPreset } from "./presets.js";
import { drawScene } from "./scene.js";
import { askAbout } from "./wordings.js";

/** Raise it when a change here changes any byte that is written. */
const generatorVersion = 3;

const note = "Synthetic pictures and questions made by Folio (folio data make prs-med). No patient was imaged; say so wherever a number comes from them.";

/**
 * Writes synthetic questions and pictures in the PRS-Med layout: six tasks, a table each, and of every picture a copy under its own
 * name for each row, so that mask name and image name are one. Two columns more than published, `kind` and `group`, say what a
 * question names and which rows show the same picture.
 *
 * @throws BadFile `not-empty` when the folder holds something else; Interrupted
 * @example await makePrsMed({ out: "data/prs-med-quick" })
 * @see PRS-Med spec §9
 */
export async function makePrsMed({ out, preset = "quick", seed = 1, progress, signal }: MakeOptions<PrsMedPreset>): Promise<GeneratedMark> {
  const plan = seededRandom(seed).stream("prs-med-plan").stream(preset);
  const drawings = (["train", "val", "test"] as const).flatMap((split) => planScenes(prsMedPresets[preset][split], plan.stream(split)).map((scene, i) => planned(split, i, scene)));
  const tables = taskNames.map((task) => tableOf(task, drawings, seededRandom(seed).stream("prs-med").stream(preset)));
  return writeGenerated(out, { note, dataset: "prs-med", preset, seed, generatorVersion }, [...drawings.map(({ group }) => group), ...tables], { progress, signal });
}

interface Drawing {
  readonly split: PrsSplit;
  readonly scene: PlannedScene;
  readonly task: string;
  /** Files of each row, without folder. */
  readonly names: readonly string[];
  readonly group: PlannedGroup;
}

function planned(split: PrsSplit, index: number, scene: PlannedScene): Drawing {
  const task = taskNames[scene.modality];
  const names = scene.lesions.map((_, i) => `${split[0]}${String(index + 1).padStart(4, "0")}${scene.lesions.length === 1 ? "" : "ab"[i]}.png`);
  const paths = names.flatMap((name) => [`${task}/${split}_images/${name}`, `${task}/${split}_masks/${name}`]);
  const write = async (out: string, random: Random): Promise<void> => {
    const { pixels, lesions } = drawScene(scene, drawnSize, random);
    for (const [i, { mask }] of lesions.entries()) {
      await writePng(join(out, paths[2 * i]), { width: drawnSize, height: drawnSize, channels: 3, depth: 8, data: pixels });
      await writePng(join(out, paths[2 * i + 1]), { width: drawnSize, height: drawnSize, channels: 1, depth: 8, data: mask.map((on) => 255 * on) });
    }
  };
  return { split, scene, task, names, group: { name: `${split}/${index}`, paths, write } };
}

/** The table of one task; its scenes are drawn again, from the same random numbers, to know where their lesions lie. */
function tableOf(task: string, drawings: readonly Drawing[], random: Random): PlannedGroup {
  const path = `annotations/${task}.csv`;
  const write = async (out: string): Promise<void> => {
    const rows = drawings.filter((drawing) => drawing.task === task).flatMap(({ split, scene: plan, names, group }) => {
      const scene = drawScene(plan, drawnSize, random.stream(group.name));
      const own = random.stream("words").stream(group.name);
      return names.map((name, i) => ({
        image_path: `${task}/${split}_masks/${name}`, image_name: name, ...askAbout(plan.kind, scene, scene.lesions[i], split, own.stream(i)),
        split, kind: plan.kind, group: `${task}/${group.name}`,
      }));
    });
    await writeCsv(join(out, path), { columns: ["image_path", "image_name", "question", "answer", "position", "split", "kind", "group"], rows });
  };
  return { name: path, paths: [path], write };
}
