export { checkDcase, type CheckOptions, type DcaseCheck, type MachineCheck } from "./dcase/check.js";
export { readClip, readClips, type AudioOptions } from "./dcase/audio.js";
export { encodeColumn, machineAttributes, type AttributeColumns, type MachineAttributes } from "./dcase/attributes.js";
export {
  parseClipName,
  type ClipName,
  type DcaseClip,
  type DcaseDomain,
  type DcaseLabel,
  type DcaseSplit,
} from "./dcase/clip.js";
export { makeDcase } from "./dcase/make/make.js";
export { dcasePresets, type DcasePreset, type DcasePresetName } from "./dcase/make/presets.js";
export { checkFold, dcaseHasNoFolds, inFold, type Fold, type FoldOptions } from "./fold.js";
export { dataIdentity } from "./generated/identity.js";
export { markFile, readMark, type GeneratedMark } from "./generated/mark.js";
export type { DcaseProblem } from "./dcase/problem.js";
export { readDcase, selectClips, type DcaseDataset, type DcaseOptions } from "./dcase/read.js";
export { loadRated, loadRatedAll } from "./rated/load.js";
export { decodePicture, readMask, readPicture, toGrey, toRgb } from "./rated/pixels.js";
export type { RatedCase, RatedDataset, RatedImage, RatedProblem, RatedSplit } from "./rated/image.js";
export type { MakeOptions } from "./generated/folder.js";
export { drawLesion, drawSlice, levelAt, levels, maskBelow, raterLevels, type Lesion } from "./rated/lesion.js";
export { splitPatients } from "./rated/patients.js";
export { lidcPresets, makeLidc, type LidcPreset } from "./lidc/make.js";
export { lidcRaters, readLidc, type LidcOptions } from "./lidc/read.js";
export { checkMbhseg, type MbhsegCheck } from "./mbhseg/check.js";
export { makeMbhsegRaw, mbhsegPresets, type MbhsegPreset } from "./mbhseg/make.js";
export { processMbhseg, raterId, type MbhsegForm, type ProcessedMbhseg, type ProcessMbhsegOptions } from "./mbhseg/process.js";
export { mbhsegRaters, readMbhseg, type MbhsegOptions } from "./mbhseg/read.js";
export { brainWindow, windowBytes } from "./mbhseg/window.js";
export { makeRefuge, refugePresets, type RefugePreset } from "./refuge/make.js";
export { readRefuge, refugeRaters } from "./refuge/read.js";
export { checkRated, type RatedCheck, type RatedSplitReport } from "./rated/check.js";
export { checkLidc } from "./lidc/check.js";
export { ratedDatasets, readRated, type RatedName } from "./rated-datasets.js";
export { checkAcdc, type AcdcCheck, type AcdcSplitReport } from "./acdc/check.js";
export { listChallenge, type AcdcFrame, type AcdcPatient } from "./acdc/challenge.js";
export { convertAcdc, type ConvertAcdcOptions, type ConvertedAcdc } from "./acdc/convert.js";
export { loadAcdc, type LoadAcdcOptions } from "./acdc/load.js";
export { acdcPresets, makeAcdc, type AcdcPreset, type MakeAcdcOptions } from "./acdc/make.js";
export { groupLines, phantomKinds, textureLine, type PhantomKind } from "./acdc/phantom.js";
export { readAcdc } from "./acdc/read.js";
export { acdcClasses, acdcStructures, type AcdcDataset, type AcdcProblem, type AcdcSlice, type AcdcSplit, type AcdcStructure, type CardiacPhase, type CineSlice } from "./acdc/slice.js";
export { defaultSplit, foldSplit } from "./acdc/split.js";
export { checkPrsMed, type PrsCheck, type PrsTaskReport } from "./prs-med/check.js";
export { loadPrsRow, loadPrsRows, padToSquare, type PrsCase } from "./prs-med/load.js";
export { fileSource, heldSource, openPrsSource, type PrsSource } from "./prs-med/source.js";
export { boxOf, lesionPositions, lungPositions, maskPosition, type Box, type Position } from "./prs-med/position.js";
export { pairCandidates, safePath, type PairCandidate, type PathFields } from "./prs-med/paths.js";
export { readPrsMed } from "./prs-med/read.js";
export type { PrsDataset, PrsProblem, PrsRow, PrsSplit, RowKind } from "./prs-med/row.js";
export { modalities, prsTask, prsTasks, type PrsTask } from "./prs-med/tasks.js";
export { rowsOfSplit } from "./prs-med/val.js";
export { pretrainingScenes, type CorpusScene } from "./prs-med/make/corpus.js";
export { makePrsMed } from "./prs-med/make/make.js";
export { prsMedPresets, type PrsMedPreset } from "./prs-med/make/presets.js";
export { drawScene, zones, type Attribute, type Scene, type SceneLesion, type ScenePlan } from "./prs-med/make/scene.js";
export { askAbout, captionOf, type Wording } from "./prs-med/make/wordings.js";
export { checkBrats, type BratsCheck, type SliceSplitReport } from "./brats/check.js";
export { extractBrats, splitOf, type ExtractOptions } from "./brats/extract.js";
export type { ExtractionRecord } from "./brats/extraction.js";
export type { BrainSlice, BrainSlices, LoadedSlice, SliceProblem, SliceSplit } from "./brats/image.js";
export { bratsLayouts, modalities as bratsModalities, type BratsLayout, type Modality } from "./brats/layout.js";
export { bratsPresets, generatedRules, makeBrats, type BratsPreset, type MakeBratsOptions } from "./brats/make.js";
export { makeBratsSlices } from "./brats/sample.js";
export { loadSlice, loadSlices, readBrainSlices } from "./brats/read.js";
export { axialSlice, publishedRules, sliceBytes, sliceKind, slicesOf, type SliceKind, type SliceRules } from "./brats/slice.js";
export { findBratsVolumes, type BratsVolumes, type PatientFiles } from "./brats/volumes.js";
