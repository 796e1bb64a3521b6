export {
  attentionMap,
  astraArtifacts,
  examplePair,
  lossCurve,
  spectrogramPair,
  type AstraArtifacts,
  type ExamplePair,
} from "./figure-data.js";
export { attributeInput, fitAttributeScales, type AttributeScale, type AttributeScales } from "./attributes.js";
export { augment, randomCrop, type Box } from "./augment.js";
export { astraBackbone, backboneShapes, readBackbone } from "./backbone.js";
export {
  baselineScore,
  clipWindows,
  fitBaseline,
  initAutoencoder,
  reconstruct,
  trainAutoencoder,
  type Baseline,
  type BaselineClip,
  type BaselineScore,
} from "./autoencoder.js";
export { evaluationPatches, stepsPerEpoch, trainingBatch, type BatchSource, type TrainingBatch } from "./batches.js";
export { listCheckpoints, loadLatest, saveCheckpoint, type CheckpointFile } from "./checkpoints.js";
export { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, toGrayscale } from "./colour.js";
export { compareSystems, type ScoredSystem } from "./compare.js";
export {
  astraConfig,
  checkConfig,
  patchesPerImage,
  presets,
  type AstraConfig,
  type AugmentConfig,
  type AutoencoderConfig,
  type CorrectionsConfig,
  type ImageConfig,
  type ModelConfig,
  type PatchConfig,
  type PresetName,
  type ScoringConfig,
  type TrainingConfig,
} from "./config.js";
export { fitNormalModels, scoreClips, type Embeddings, type NormalModels, type ScoredClip } from "./detect.js";
export { embedClips, unitVector, type EmbedOptions, type Embedded } from "./embed.js";
export { embeddingsById, evaluateAstra, variantConfig, type EvaluateOptions, type Evaluation } from "./evaluate.js";
export { clipImage, clipImages, type Images } from "./images.js";
export { logMelStatistics } from "./logmel-statistics.js";
export { measureDetection } from "./measure.js";
export {
  astraForward,
  attentionWeights,
  encodePatches,
  initAstra,
  poolPatches,
  type AstraOutput,
  type AstraWeights,
  type AttentionWeights,
} from "./model.js";
export { evaluateRun, type EvaluateRunOptions } from "./evaluate-run.js";
export { exportAstraRun } from "./export-run.js";
export { extractPatches, normalisations, normalisePicture, type Picture } from "./patches.js";
export { scoreWithAutoencoder, scoreWithStatistics, type PeerOptions } from "./peers.js";
export { astraRecord, provenanceOf, type RecordFacts } from "./record.js";
export { dataHash, openRun, readRun, type AstraRun } from "./run-folder.js";
export { fitNormalModel, scoreEmbedding, type AnomalyScore, type NormalModel } from "./scoring.js";
export {
  loadAstra,
  trainAstra,
  untrainedAstra,
  type TrainAstraOptions,
  type TrainedAstra,
} from "./train.js";
export { ablations, mainVariant, type Variant } from "./variants.js";
export { l2Normalise, ntXent } from "../../nn/index.js";
