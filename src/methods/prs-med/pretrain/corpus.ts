import type { Random } from "../../../core/index.js";
import { askAbout, captionOf, pretrainingScenes, zones, type CorpusScene, type Wording } from "../../../datasets/index.js";
import { trainBpe, type BpeTokenizer } from "../../../nn/index.js";
import type { PrsMedConfig } from "../config.js";
import { promptOf } from "../text.js";

/** What the stand-ins for CLIP, LLaVA-Med and TinySAM are trained on: pictures of their own, never one of the data set. */
export interface Corpus {
  readonly scenes: readonly CorpusScene[];
  /** How often each text is drawn anew. */
  readonly texts: (random: Random) => CorpusText;
}

export interface CorpusText {
  readonly scene: number;
  readonly caption?: string;
  readonly asked?: Wording;
}

export function makeCorpus({ imageSize, pretraining }: PrsMedConfig, random: Random): Corpus {
  const scenes = pretrainingScenes(pretraining.corpusRows, imageSize, random.stream("scenes"));
  const { captions, twoLesions } = pretraining.language;
  const withLesions = (count: number): number[] => [...scenes.keys()].filter((scene) => scenes[scene].lesions.length === count);
  const [one, two] = [withLesions(1), withLesions(2)];
  return {
    scenes,
    texts: (own) => {
      if (own.chance(captions)) return captioned(scenes, own.integer(scenes.length), own);
      return asked(scenes, own.pick(own.chance(twoLesions) ? two : one), own);
    },
  };
}

const captioned = (scenes: readonly CorpusScene[], scene: number, random: Random): CorpusText => ({ scene, caption: captionOf(scenes[scene], random) });

/** A question about one lesion with an answer that is true. */
function asked(scenes: readonly CorpusScene[], scene: number, random: Random): CorpusText {
  const { kind, lesions } = scenes[scene];
  return { scene, asked: askAbout(kind, scenes[scene], random.pick(lesions), "corpus", random) };
}

/** A tokenizer from many texts of the corpus, its templates among them. */
export function corpusTokenizer(corpus: Corpus, vocabulary: number, random: Random): BpeTokenizer {
  const texts = Array.from({ length: 3000 }, () => {
    const { caption, asked } = corpus.texts(random);
    return asked ? `${promptOf(asked.question).replace("<image>", "")}${asked.answer}` : caption!;
  });
  return trainBpe(texts, { vocabulary });
}

/** What a caption says of a picture: 5 zones, 2 kinds of brightness, 6 modalities, 10 pairs of both. */
export function captionLabels({ modality, lesions }: CorpusScene): number[] {
  const zone = zones.map((name) => Number(lesions.some(({ position }) => position.zone === name)));
  const brightness = (["bright", "dark"] as const).map((name) => Number(lesions.some(({ attribute }) => attribute === name)));
  const modalityIs = Array.from({ length: 6 }, (_, i) => Number(i === modality));
  const pairs = (["bright", "dark"] as const).flatMap((name) => zones.map((place) => Number(lesions.some(({ attribute, position }) => attribute === name && position.zone === place))));
  return [...zone, ...brightness, ...modalityIs, ...pairs];
}
