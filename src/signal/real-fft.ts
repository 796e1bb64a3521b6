import { ShapeMismatch } from "../core/index.js";
import { fftPlan } from "./fft.js";
import { remember } from "./memo.js";

/** The non-redundant half of a real signal's spectrum: ⌊n/2⌋ + 1 bins. */
export interface HalfSpectrum {
  readonly real: Float64Array;
  readonly imag: Float64Array;
}

/** Fills `real` and `imag` (⌊size/2⌋ + 1 numbers each) with the spectrum of `size` real samples. */
export type RealFft = (samples: Float64Array, real: Float64Array, imag: Float64Array) => void;

/**
 * The transform of one size for real signals. Even sizes cost one complex transform of half the size.
 * @throws InvalidValue when the size is none
 */
export const realFftPlan: (size: number) => RealFft = remember((size) =>
  size % 2 === 0 ? evenRealFft(size) : oddRealFft(size),
);

/**
 * Spectrum of a real signal, X[k] = Σ x[n]·e^(−2πi·kn/N) for k = 0 … ⌊N/2⌋, unscaled (numpy.fft.rfft).
 * @example rfft(Float64Array.of(1, 0, 0, 0)) // real [1, 1, 1], imag [0, 0, 0]
 */
export function rfft(samples: ArrayLike<number>): HalfSpectrum {
  const bins = (samples.length >> 1) + 1;
  const spectrum = { real: new Float64Array(bins), imag: new Float64Array(bins) };
  realFftPlan(samples.length)(new Float64Array(samples), spectrum.real, spectrum.imag);
  return spectrum;
}

/**
 * The real signal of `size` samples with this spectrum, scaled by 1/size: `irfft(rfft(x), x.length)` is x.
 * Imaginary parts of bin 0 and, for an even size, of the last bin have no meaning in a real signal and are ignored.
 * @throws ShapeMismatch when the spectrum has not ⌊size/2⌋ + 1 bins
 */
export function irfft({ real, imag }: HalfSpectrum, size: number): Float64Array {
  const bins = (size >> 1) + 1;
  if (real.length !== bins || imag.length !== bins)
    throw new ShapeMismatch("irfft", [bins, bins], [real.length, imag.length]);
  return size % 2 === 0 ? evenInverse(real, imag, size) : oddInverse(real, imag, size);
}

function oddInverse(real: Float64Array, imag: Float64Array, size: number): Float64Array {
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  re.set(real);
  im.set(imag);
  im[0] = 0;
  for (let k = real.length; k < size; k++) {
    re[k] = real[size - k];
    im[k] = -imag[size - k];
  }
  fftPlan(size).inverse(re, im);
  return re;
}

/** Undoes {@link evenRealFft}: the spectra of even and odd samples, then one complex transform of half the size. */
function evenInverse(real: Float64Array, imag: Float64Array, size: number): Float64Array {
  const half = size / 2;
  const re = new Float64Array(half);
  const im = new Float64Array(half);
  for (let k = 0; k < half; k++) {
    const mirror = half - k;
    const edge = k === 0 ? 0 : 1; // imaginary parts of the first and the last bin do not count
    const evenReal = (real[k] + real[mirror]) / 2;
    const evenImag = (edge * (imag[k] - imag[mirror])) / 2;
    const turnedReal = (real[k] - real[mirror]) / 2;
    const turnedImag = (edge * (imag[k] + imag[mirror])) / 2;
    const cos = Math.cos((2 * Math.PI * k) / size);
    const sin = Math.sin((2 * Math.PI * k) / size);
    const oddReal = turnedReal * cos - turnedImag * sin;
    const oddImag = turnedReal * sin + turnedImag * cos;
    re[k] = evenReal - oddImag;
    im[k] = evenImag + oddReal;
  }
  fftPlan(half).inverse(re, im);
  const samples = new Float64Array(size);
  for (let n = 0; n < half; n++) {
    samples[2 * n] = re[n];
    samples[2 * n + 1] = im[n];
  }
  return samples;
}

function oddRealFft(size: number): RealFft {
  const plan = fftPlan(size);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  return (samples, real, imag) => {
    re.set(samples);
    im.fill(0);
    plan.forward(re, im);
    real.set(re.subarray(0, real.length));
    imag.set(im.subarray(0, imag.length));
  };
}

/** Even samples ride as the real part, odd ones as the imaginary part; symmetry separates the two spectra afterwards. */
function evenRealFft(size: number): RealFft {
  const half = size / 2;
  const plan = fftPlan(half);
  const cos = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: half + 1 }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
  const re = new Float64Array(half);
  const im = new Float64Array(half);
  return (samples, real, imag) => {
    for (let n = 0; n < half; n++) {
      re[n] = samples[2 * n];
      im[n] = samples[2 * n + 1];
    }
    plan.forward(re, im);
    for (let k = 0; k <= half; k++) {
      const a = k === half ? 0 : k;
      const b = k === 0 ? 0 : half - k;
      const evenReal = (re[a] + re[b]) / 2;
      const evenImag = (im[a] - im[b]) / 2;
      const oddReal = (im[a] + im[b]) / 2;
      const oddImag = (re[b] - re[a]) / 2;
      real[k] = evenReal + oddReal * cos[k] - oddImag * sin[k];
      imag[k] = evenImag + oddReal * sin[k] + oddImag * cos[k];
    }
  };
}
