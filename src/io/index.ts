export { defaultMaxBytes, type ReadLimits } from "./bytes.js";
export { formatCsv, parseCsv, readCsv, writeCsv, type CsvOptions, type CsvTable, type CsvValue } from "./csv.js";
export { decodePng, readPng, type DecodedPng, type PngImage, type PngOptions } from "./png.js";
export type { PngColorType, PngHeader } from "./png-chunks.js";
export { encodePng, writePng, type PngInput } from "./png-encode.js";
export { encodeWav, parseWav, readWav, writeWav, type Wav, type WavInput } from "./wav.js";
export type { WavFormat } from "./wav-samples.js";
