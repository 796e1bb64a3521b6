import type { Random } from "../../../core/index.js";
import type { PrsSplit, RowKind } from "../row.js";
import type { Zone } from "../../../metrics/index.js";
import type { Attribute, Scene, SceneLesion } from "./scene.js";

/** What the picture of each modality class is called, and what is looked for in it. */
const words: readonly { readonly picture: readonly string[]; readonly lesion: readonly string[] }[] = [
  { picture: ["MRI scan", "scan"], lesion: ["tumor", "tumour"] },
  { picture: ["ultrasound image", "scan"], lesion: ["tumor", "tumour", "mass"] },
  { picture: ["CT scan", "scan"], lesion: ["nodule", "lesion"] },
  { picture: ["X-ray image", "X-ray"], lesion: ["opacity", "lesion"] },
  { picture: ["photograph", "image"], lesion: ["lesion", "mass"] },
  { picture: ["endoscopy image", "picture"], lesion: ["polyp", "lesion"] },
];

const adjectives: Readonly<Record<Attribute, readonly string[]>> = { bright: ["bright", "brighter", "light"], dark: ["dark", "darker"] };

// {L} lesion, {P} picture, {A} bright or dark, {Z} zone. The wordings of test are held out: none of them occurs in training.
const questions: Readonly<Record<RowKind, Readonly<Record<"train" | "test", readonly string[]>>>> = {
  single: {
    train: [
      "Where is the {L} in this {P}?", "Can you locate the {L} in this {P}?", "In which part of the {P} is the {L}?", "What is the position of the {L}?",
      "Please find and segment the {L}.", "Which area of the {P} shows the {L}?", "Show me where the {L} is located.", "Is there a {L} in this {P}, and where?",
    ],
    test: ["In this {P}, where can the {L} be found?", "Please locate the {L}.", "What part of the {P} shows the {L}?"],
  },
  attr: {
    train: [
      "Where is the {A} {L} in this {P}?", "Can you locate the {A} {L}?", "Please segment the {L} that is {A}.", "Which area of the {P} shows the {A} {L}?",
      "There are two; where is the {A} one?", "Find the {A} {L} in the {P}.", "What is the position of the {A} {L}?", "Show me the {A} one of the two.",
    ],
    test: ["In this {P}, where can the {A} {L} be found?", "Please locate the {A} one.", "Of the two, which part shows the {A} {L}?"],
  },
  zone: {
    train: [
      "Is there a {L} in the {Z} of this {P}?", "Please segment the {L} in the {Z}.", "Show me the {L} at the {Z}.", "Which {L} do you see in the {Z} of the {P}?",
      "Find the {L} located in the {Z} area.", "Can you locate the {Z} {L}?", "Segment the {L} of the {Z}.", "There are two; where is the {Z} one?",
    ],
    test: ["In this {P}, segment the {L} in the {Z}.", "Please locate the {L} at the {Z} of the {P}.", "Of the two, show me the one in the {Z}."],
  },
};

// {N} says near or far, or nothing; {A} is left out in some answers, as in the published ones.
const answers: readonly string[] = [
  "The {A} {L} is located in the {Z} of the {P}{N}.", "The {A} {L} is in the {Z} area{N}.", "There is a {A} {L} in the {Z}{N}.",
  "You can find the {A} {L} at the {Z}{N}.", "The {P} shows a {A} {L} in the {Z}{N}.", "A {A} {L} is found in the {Z} part of the {P}{N}.",
];

/** The three columns of text that a row has. */
export interface Wording {
  readonly question: string;
  readonly answer: string;
  readonly position: string;
}

/**
 * A question about one lesion of a scene, its answer, and the label sentence.
 * @param kind what the question names: nothing, `attr` brightness, `zone` the place
 */
export function askAbout(kind: RowKind, { modality }: Scene, target: SceneLesion, split: PrsSplit, random: Random): Wording {
  const { picture, lesion } = words[modality];
  const own = { P: random.pick(picture), L: random.pick(lesion) };
  const { zone, near } = target.position;
  const question = filled(random.pick(questions[kind][split === "test" ? "test" : "train"]), {
    ...own, A: random.pick(adjectives[target.attribute]), Z: spoken(zone, random),
  });
  const answer = filled(random.pick(answers), { ...own, A: random.chance(0.6) ? target.attribute : "", Z: spokenPlainly(zone, random), N: nearness(zone, near, random.chance(0.8)) });
  return { question, answer, position: filled("The {L} is at the {Z} of the {P}{N}.", { ...own, Z: zone, N: nearness(zone, near, true) }) };
}

/** A sentence about the whole picture: what a vision–language model is pre-trained on. */
export function captionOf({ modality, lesions }: Scene, random: Random): string {
  const { picture, lesion } = words[modality];
  const parts = lesions.map(({ attribute, position: { zone, near } }) => `a ${attribute} ${random.pick(lesion)} in the ${spokenPlainly(zone, random)}${nearness(zone, near, random.chance(0.5))}`);
  return `The ${random.pick(picture)} shows ${parts.join(" and ")}.`;
}

/** As a person may say it in a question. */
function spoken(zone: Zone, random: Random): string {
  if (zone === "center") return random.pick(["center", "centre", "middle"]);
  const [vertical, horizontal] = zone.split(" ");
  return `${random.pick(vertical === "top" ? ["top", "upper"] : ["bottom", "lower"])} ${horizontal}`;
}

const spokenPlainly = (zone: Zone, random: Random): string => (zone === "center" ? random.pick(["center", "centre"]) : zone);

function nearness(zone: Zone, near: boolean, said: boolean): string {
  if (zone === "center" || !said) return "";
  return near ? ", near the center" : ", away from the center";
}

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w)\}/g, (_, key: string) => values[key] ?? "").replaceAll("  ", " ");
}
