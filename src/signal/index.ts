export { applyColorMap, colorMap, type ColorMapName } from "./color-map.js";
export { powerToDb, type DecibelOptions } from "./decibel.js";
export { fftPlan, type FftPlan } from "./fft.js";
export {
  centeredFft2,
  centeredIfft2,
  complexPlane,
  keepColumns,
  keepColumnsAndMirrors,
  magnitude,
  zeroFilled,
  type ComplexPlane,
} from "./kspace.js";
export { logMel, melSpectrogram, type LogMelOptions, type MelMatrix } from "./log-mel.js";
export { astraLogMel, logMelImage, stretchToBytes, type LogMelImageOptions, type RgbImage } from "./log-mel-image.js";
export { hzToMel, melFilterbank, melToHz, type MelFilterbank, type MelOptions, type MelScale } from "./mel.js";
export { gaussianFilter } from "./gaussian.js";
export { irfft, realFftPlan, rfft, type HalfSpectrum, type RealFft } from "./real-fft.js";
export { smoothNoise, whiteNoise } from "./noise.js";
export { resample } from "./resample.js";
export { resizeBicubic, resizeBicubicReal, resizeBilinear, type ByteImage, type RealImage } from "./resize.js";
export { stft, type Stft, type StftOptions } from "./stft.js";
export { hannWindow } from "./window.js";
