import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  centeredFft2,
  centeredIfft2,
  complexPlane,
  keepColumns,
  keepColumnsAndMirrors,
  magnitude,
  zeroFilled,
} from "./index.js";
import { within } from "../core/near.fixture.js";

const close = within(1e-9);

const size = fc.integer({ min: 1, max: 9 });
const planes = fc.tuple(size, size).chain(([height, width]) => {
  const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: height * width,
    maxLength: height * width,
  });
  return fc.tuple(values, values).map(([real, imag]) => complexPlane(height, width, real, imag));
});

/** ASMR segmentation spec §10, vector 2: 1 … 16, row by row. */
const counting = complexPlane(
  4,
  4,
  Array.from({ length: 16 }, (_, i) => i + 1),
);

describe("centeredFft2", () => {
  it("of a centred delta is 1/4 everywhere (spec §10, vector 1)", () => {
    const { real, imag } = centeredFft2(
      complexPlane(
        4,
        4,
        Array.from({ length: 16 }, (_, i) => (i === 10 ? 1 : 0)),
      ),
    );
    close(real, new Float64Array(16).fill(0.25));
    close(imag, new Float64Array(16));
  });

  it("has the spec's values on 1 … 16 (vector 2)", () => {
    const { real, imag } = centeredFft2(counting);
    close(real, [0, 0, -8, 0, 0, 0, 8, 0, -2, 2, 34, 2, 0, 0, 8, 0]);
    close(imag, [0, 0, 0, 0, 0, 0, 8, 0, 0, 2, 0, -2, 0, 0, -8, 0]);
  });

  it("puts zero frequency at ⌊n/2⌋ for odd sizes too", () => {
    const { real } = centeredFft2(complexPlane(3, 5, new Float64Array(15).fill(1)));
    close(
      real,
      Array.from({ length: 15 }, (_, i) => (i === 7 ? Math.sqrt(15) : 0)),
    );
  });

  it("keeps the energy and comes back, for every size", () => {
    fc.assert(
      fc.property(planes, (plane) => {
        const kspace = centeredFft2(plane);
        const energy = (values: Float64Array): number => values.reduce((sum, x) => sum + x * x, 0);
        close([energy(magnitude(kspace))], [energy(magnitude(plane))]);
        const back = centeredIfft2(kspace);
        close(back.real, plane.real);
        close(back.imag, plane.imag);
      }),
    );
  });

  it("of a real picture is conjugate about zero frequency (vector 14)", () => {
    fc.assert(
      fc.property(planes, ({ height, width, real }) => {
        const k = centeredFft2(complexPlane(height, width, real));
        const whole = new Float64Array(width);
        whole.fill(1, 0, (width >> 1) + 1); // one half and the zero frequency
        const filled = keepColumnsAndMirrors(k, whole);
        close(filled.real, k.real);
        close(filled.imag, k.imag);
      }),
    );
  });
});

describe("zeroFilled", () => {
  it("is the spec's picture for each mask (vector 2)", () => {
    const kspace = centeredFft2(counting);
    const rows = (...values: number[]): number[] => values.flatMap((value) => [value, value, value, value]);
    close(zeroFilled(kspace, [0, 0, 1, 0]), rows(2.5, 6.5, 10.5, 14.5));
    close(zeroFilled(kspace, [0, 1, 1, 0]).subarray(0, 4), [2.061553, 2.061553, 3.041381, 3.041381], 1e-6);
    close(zeroFilled(kspace, [0, 1, 1, 0]).subarray(12), [14.008926, 14.008926, 15.008331, 15.008331], 1e-6);
    close(
      zeroFilled(kspace, [0, 1, 1, 1]),
      [1.5, 3.5, 5.5, 7.5, 9.5, 11.5, 13.5, 15.5].flatMap((value) => [value, value]),
    );
    close(zeroFilled(kspace, [1, 1, 1, 1]), counting.real);
  });
});

describe("keepColumns", () => {
  it("leaves the caller's k-space alone and wants one mask value a column", () => {
    const { real } = keepColumns(counting, [0, 1, 0, 0]);
    assert.deepEqual([...real], [0, 2, 0, 0, 0, 6, 0, 0, 0, 10, 0, 0, 0, 14, 0, 0]);
    assert.equal(counting.real[0], 1);
    assert.throws(() => keepColumns(counting, [1, 1]), /expected shape \[4\] but got \[2\]\. Give one mask value a column/);
    assert.throws(() => complexPlane(2, 2, [1, 2, 3]), /expected shape \[2, 2\] but got \[3\]/);
  });
});
