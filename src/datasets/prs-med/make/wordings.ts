import type { Random } from "../../../core/index.js";
import type { PrsSplit, RowKind } from "../row.js";
import type { Zone } from "../../../metrics/index.js";
import type { Attribute, Scene, SceneLesion } from "./scene.js";

/** What a person says who does not know what it is. */
const anywhere = ["spot", "finding"];

/** What the picture of each modality class is called, and what is looked for in it. */
const words: readonly { readonly picture: readonly string[]; readonly lesion: readonly string[] }[] = [
  { picture: ["MRI scan", "scan"], lesion: ["tumor", "tumour", ...anywhere] },
  { picture: ["ultrasound image", "scan"], lesion: ["tumor", "tumour", "mass", ...anywhere] },
  { picture: ["CT scan", "scan"], lesion: ["nodule", "lesion", ...anywhere] },
  { picture: ["X-ray image", "X-ray"], lesion: ["opacity", "lesion", ...anywhere] },
  { picture: ["photograph", "image"], lesion: ["lesion", "mass", ...anywhere] },
  { picture: ["endoscopy image", "picture"], lesion: ["polyp", "lesion", ...anywhere] },
];

const adjectives: Readonly<Record<Attribute, readonly string[]>> = { bright: ["bright", "brighter", "brightest", "light", "white"], dark: ["dark", "darker", "darkest", "black"] };

// {L} lesion, {P} picture, {A} bright or dark, {Z} zone. No split shares a wording with another: settings are chosen on those of val, results are of those of test.
const questions: Readonly<Record<RowKind, Readonly<Record<PrsSplit, readonly string[]>>>> = {
  single: {
    train: [
      "Where is the {L} in this {P}?", "Can you locate the {L} in this {P}?", "In which part of the {P} is the {L}?", "What is the position of the {L}?",
      "Please find and segment the {L}.", "Which area of the {P} shows the {L}?", "Show me where the {L} is located.", "Is there a {L} in this {P}, and where?",
      "On this {P}, where do you see the {L}?", "Doctor, where is the {L}?", "Mark the {L} for me.", "I am looking for the {L}.",
      "Could you draw around the {L}?", "Tell me which part of the {P} has the {L}.", "From the {P}, can you say where the {L} lies?", "Segment the {L} and say where it is.",
    ],
    val: [
      "In this {P}, where can the {L} be found?", "Please locate the {L}.", "What part of the {P} shows the {L}?",
      "Kindly delineate the {L}.", "Whereabouts does the {L} hide?", "Check the {P} carefully: any {L} there?",
    ],
    test: [
      "Does this {P} contain a {L}? Point it out.", "Please indicate the location of the {L}.", "At which site is the {L} visible in the {P}?", "Identify the {L} seen on this {P}.",
      "What region does the {L} occupy?", "The patient has a {L}; where is it?",
    ],
  },
  attr: {
    train: [
      "Where is the {A} {L} in this {P}?", "Can you locate the {A} {L}?", "Please segment the {L} that is {A}.", "Which area of the {P} shows the {A} {L}?",
      "There are two; where is the {A} one?", "Find the {A} {L} in the {P}.", "What is the position of the {A} {L}?", "Show me the {A} one of the two.",
      "On this {P}, which {L} is the {A} one?", "Doctor, where is the {A} {L}?", "Mark the {A} {L} for me.", "I am looking for the {A} {L} of these.",
      "Could you draw around the {A} one?", "Tell me where the {L} that looks {A} is.", "From the {P}, can you say where the {A} {L} lies?", "Segment only the {A} {L}, please.",
    ],
    val: [
      "In this {P}, where can the {A} {L} be found?", "Please locate the {A} one.", "Of the two, which part shows the {A} {L}?",
      "Kindly delineate the {A} {L}.", "Whereabouts does the {A} {L} hide?", "Ignore its neighbour; choose the {A} {L}.",
    ],
    test: [
      "Does this {P} contain a {A} {L}? Point it out.", "Please indicate the location of the {A} {L}.", "Two of them are visible: segment the {A} one.", "Identify the {L} which appears {A} on this {P}.",
      "What region does the {A} {L} occupy?", "Between them, pick the {A} {L}.",
    ],
  },
  zone: {
    train: [
      "Is there a {L} in the {Z} of this {P}?", "Please segment the {L} in the {Z}.", "Show me the {L} at the {Z}.", "Which {L} do you see in the {Z} of the {P}?",
      "Find the {L} located in the {Z} area.", "Can you locate the {Z} {L}?", "Segment the {L} of the {Z}.", "There are two; where is the {Z} one?",
      "On this {P}, look at the {L} in the {Z}.", "Doctor, what is there in the {Z}?", "Mark the {L} in the {Z} for me.", "I am looking for the {L} at the {Z}.",
      "Could you draw around the {Z} one?", "Tell me about the {L} in the {Z} part.", "From the {P}, take the {L} at the {Z}.", "Segment only the {Z} {L}, please.",
    ],
    val: [
      "In this {P}, segment the {L} in the {Z}.", "Please locate the {L} at the {Z} of the {P}.", "Of the two, show me the one in the {Z}.",
      "Kindly delineate the {L} in the {Z}.", "Something hides in the {Z}, what?", "Ignore its neighbour; choose the {Z} {L}.",
    ],
    test: [
      "Does this {P} contain a {L} at the {Z}? Point it out.", "Please indicate the {L} within the {Z}.", "Two of them are visible: segment the {Z} one.", "Identify the {L} that appears in the {Z} on this {P}.",
      "What occupies the {Z} of the {P}?", "Between them, pick the {Z} {L}.",
    ],
  },
};

// What a language model has read before it meets the data: more ways of asking than the data have. None is among those above.
const furtherQuestions: Readonly<Record<RowKind, readonly string[]>> = {
  single: [
    "Identify the {L}.", "Where would you place the {L} on this {P}?", "Point to the {L}.", "Give the location of the {L} in the {P}.", "The {P} contains a {L}. Where?", "Outline whatever looks like a {L}.",
    "Which side is the {L} on?", "Does the {P} show a {L}, and at what place?", "Describe where the {L} sits.", "Highlight the {L}, please.", "At what position do we find the {L}?", "I see a {L}; indicate its area.",
    "Let us see the {L}.", "A patient came with a {L}. Where does it appear?", "Detect the {L} within the {P}.", "Which region is taken by the {L}?", "Is any {L} visible?", "Return the mask of the {L}.",
  ],
  attr: [
    "Identify the {A} {L}.", "Where would you place the {A} {L} on this {P}?", "Point to the {A} one.", "Give the location of the {A} {L} in the {P}.", "The {P} contains a {A} {L}. Where?", "Outline whatever looks {A}.",
    "Which side is the {A} {L} on?", "Does the {P} show a {A} {L}, and at what place?", "Describe where the {A} {L} sits.", "Highlight the {A} {L}, please.", "Of both, which one appears {A}?", "I see a {A} {L}; indicate its area.",
    "Let us see the {A} one.", "A patient came with a {A} {L}. Where does it appear?", "Detect the {A} {L} within the {P}.", "Which region is taken by the {A} {L}?", "Is any {A} {L} visible?", "Return the mask of the {A} {L}, not the other.",
  ],
  zone: [
    "Identify the {L} in the {Z}.", "What is found in the {Z} of this {P}?", "Point to the {Z} one.", "Give the {L} whose location is the {Z}.", "The {Z} contains a {L}. Outline it.", "Outline whatever lies in the {Z}.",
    "On the {Z} side, which {L} is it?", "Does the {P} show a {L} at the {Z}?", "Describe what sits in the {Z}.", "Highlight the {Z} {L}, please.", "Of both, take the one at the {Z}.", "I see a {L} in the {Z}; indicate its area.",
    "Let us see the {Z} one.", "A patient came with a {L} at the {Z}. Where does it appear?", "Detect the {L} within the {Z} of the {P}.", "Which {L} takes the {Z} region?", "Is any {L} visible in the {Z}?", "Return the mask of the {Z} {L}, not the other.",
  ],
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
 * @param split whose wordings; `corpus` has those of train and more
 */
export function askAbout(kind: RowKind, { modality }: Scene, target: SceneLesion, split: PrsSplit | "corpus", random: Random): Wording {
  const { picture, lesion } = words[modality];
  const own = { P: random.pick(picture), L: random.pick(lesion) };
  const { zone, near } = target.position;
  const question = filled(random.pick(split === "corpus" ? [...questions[kind].train, ...furtherQuestions[kind]] : questions[kind][split]), {
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
