export { Adam } from "./adam.js";
export { batchNorm, initBatchNorm, type BatchNormOptions, type BatchNormWeights } from "./batch-norm.js";
export { conv2d, initConv, type ConvWeights } from "./conv.js";
export { initLinear, linear, type LinearWeights } from "./linear.js";
export { assignArrays, disposeWeights, namedVariables, parameterCount, readArrays, trainableVariables, type NamedArray, type NamedVariable } from "./named.js";
export { l2Normalise, ntXent } from "./nt-xent.js";
export { plateau, type PlateauConfig, type PlateauState } from "./plateau.js";
export { basicBlock, initBasicBlock, initResNet, resnet, type BasicBlockWeights, type ResNetShape, type ResNetWeights } from "./resnet.js";
export type { TensorFlow } from "./tensorflow.js";
