export { checkDcase, type CheckOptions, type DcaseCheck, type MachineCheck } from "./dcase/check.js";
export { readClip, readClips, type AudioOptions } from "./dcase/audio.js";
export { encodeColumn, machineAttributes, type AttributeColumns, type MachineAttributes } from "./dcase/attributes.js";
export { parseClipName, type ClipName, type DcaseClip, type DcaseDomain, type DcaseLabel, type DcaseSplit } from "./dcase/clip.js";
export { makeDcase, type MakeDcaseOptions } from "./dcase/make/make.js";
export { dcasePresets, type DcasePreset, type DcasePresetName } from "./dcase/make/presets.js";
export { markFile, readMark, type GeneratedMark } from "./dcase/mark.js";
export type { DcaseProblem } from "./dcase/problem.js";
export { readDcase, selectClips, type DcaseDataset, type DcaseOptions } from "./dcase/read.js";
