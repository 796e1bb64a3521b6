export { Adam, type AdamOptions } from "./adam.js";
export { batchNorm, initBatchNorm, planBatchNorm, type BatchNormOptions, type BatchNormWeights } from "./batch-norm.js";
export { conv2d, initConv, type ConvWeights } from "./conv.js";
export type { ExportedNetwork, NetworkCall } from "./exported-network.js";
export { initLinear, linear, type LinearWeights } from "./linear.js";
export {
  assignArrays,
  disposeWeights,
  namedVariables,
  parameterCount,
  readArrays,
  trainableVariables,
  type NamedArray,
  type NamedVariable,
} from "./named.js";
export { GradientSum } from "./gradient-sum.js";
export { LossScale, type LossScaleOptions } from "./loss-scale.js";
export { l2Normalise, ntXent } from "./nt-xent.js";
export { optimizerStep, takeNumbers, type LossAndMore, type Runner } from "./optimizer-step.js";
export { plateau, type PlateauConfig, type PlateauState } from "./plateau.js";
export {
  basicBlock,
  initBasicBlock,
  initResNet,
  resnet,
  type BasicBlockWeights,
  type ResNetShape,
  type ResNetWeights,
} from "./resnet.js";
export type { TensorFlow } from "./tensorflow.js";
export { newVariable } from "./variable.js";
export { readCheckpoint, writeCheckpoint, type Checkpoint } from "./checkpoint.js";
export { arraysBelow, loadTraining, saveTraining, type SavedOptimizer, type Trained } from "./training-checkpoint.js";
export { isTrainingState, runTraining, startOfTraining, type EpochRecord, type TrainingPlan, type TrainingState } from "./training.js";
export {
  attention,
  joinHeads,
  planProjectedAttention,
  projectedAttention,
  splitHeads,
  type ProjectedAttentionWeights,
} from "./attention.js";
export {
  biasedConv2d,
  patchConv2d,
  planConv,
  planPlainConv,
  planUpConv,
  upConv2d,
  type BiasedConvWeights,
  type UpConvWeights,
} from "./biased-conv.js";
export { interpolate, interpolationMatrix, type Interpolation } from "./interpolate.js";
export { groupNorm, planGroupNorm, type GroupNormWeights } from "./group-norm.js";
export { layerNorm, planLayerNorm, type LayerNormWeights } from "./layer-norm.js";
export { mapVectors, mlp, planLinear, planMlp, type MlpWeights } from "./mlp.js";
export {
  constant,
  materialise,
  namedParameters,
  normal,
  orthogonal,
  parameter,
  plannedCount,
  truncatedNormal,
  uniform,
  type Fill,
  type NamedParameter,
  type Parameter,
  type Weights,
} from "./plan.js";
export { plannedBlocks, type BlockOptions, type PlannedBlock } from "./planned-blocks.js";
export { gridOf, vitB, type SamConfig } from "./sam/config.js";
export { imageEncoder, planImageEncoder, type ImageEncoderWeights } from "./sam/image-encoder.js";
export {
  maskDecoder,
  planMaskDecoder,
  type DecoderInputs,
  type DecoderOptions,
  type MaskDecoderWeights,
} from "./sam/mask-decoder.js";
export {
  boxTokens,
  clickTokens,
  densePositions,
  fourierFeatures,
  maskPrompt,
  planPromptEncoder,
  type ClickTensors,
  type PromptEncoderWeights,
} from "./sam/prompt-encoder.js";
export { publishedShape, samSlots, torchShape, type SamNames } from "./sam/published-names.js";
export { planTwoWayTransformer, twoWayTransformer, type TwoWayForm, type TwoWayWeights } from "./sam/two-way-transformer.js";
export { centeredFft2, centeredIfft2, keepColumns, keepColumnsAndMirrors, magnitude, type ComplexTensor } from "./kspace.js";
export { padTo, planUNet, standardUNet, unet, type Mode, type UNetShape, type UNetWeights } from "./unet/unet.js";
export { planUNetPlusPlus, standardUNetPlusPlus, unetPlusPlus, type UNetPlusPlusShape, type UNetPlusPlusWeights } from "./unet/unet-plus-plus.js";
export { planUNeXt, smallUNeXt, standardUNeXt, unext, type UNeXtShape, type UNeXtWeights } from "./unet/unext.js";
export * from "./language/index.js";
export { clipVitB32, clipVitL14At336, patchesASide, type ClipConfig } from "./clip/config.js";
export { clipSlots } from "./clip/published-names.js";
export { planResidualBlock, quickGelu, residualBlock, residualBlockSeen, type ResidualBlockWeights } from "./clip/residual-block.js";
export { embedTokens, encodeEmbedded, encodeText, planTextTower, type TextTowerWeights } from "./clip/text-tower.js";
export { clipTokenizer, framed, readClipVocabulary, wordTokenizer, type Tokenizer } from "./clip/tokenizer.js";
export {
  clipDeviation,
  clipMean,
  embedPatches,
  encodeImage,
  planVisionTower,
  projectClassToken,
  visionTokens,
  type VisionTowerWeights,
} from "./clip/vision-tower.js";
export * from "./tiny-vit/index.js";
export { resNetTensors } from "./resnet-tensors.js";
export { openRunFolder, readRunFolder, type RunDescription } from "./run-folder.js";
export { cosineRate } from "./cosine.js";
export { Momentum } from "./momentum.js";
export { WeightAverage } from "./weight-average.js";
