import assert from "node:assert/strict";
import { test } from "node:test";
import { inFold, type FoldOptions } from "./fold.js";

interface Slice {
  readonly id: string;
  readonly patient: string;
  readonly group: string;
  readonly split: "train" | "val" | "test";
}

const slices: Slice[] = Array.from({ length: 23 }, (_, p) => p).flatMap((p) =>
  [0, 1, 2].map((z): Slice => ({ id: `p${p}/${z}`, patient: `p${p}`, group: p < 10 ? "ill" : "well", split: p < 15 ? "train" : "test" })),
);
const byPatient: FoldOptions<Slice> = { unit: ({ patient }) => patient, stratum: ({ group }) => group, validation: "next-fold" };
const patients = (items: readonly Slice[], side: Slice["split"]): string[] => [...new Set(items.filter(({ split }) => split === side).map(({ patient }) => patient))].sort();

test("every patient is tested in exactly one round, chooses the model in another, and is never on two sides", () => {
  const rounds = [1, 2, 3, 4, 5].map((fold) => inFold(slices, { fold, folds: 5 }, byPatient));
  const all = [...new Set(slices.map(({ patient }) => patient))].sort();
  for (const side of ["test", "val"] as const) assert.deepEqual(rounds.flatMap((round) => patients(round, side)).sort(), all);
  for (const round of rounds) {
    const sides = (["train", "val", "test"] as const).map((side) => patients(round, side));
    assert.equal(new Set(sides.flat()).size, sides.flat().length);
    assert.deepEqual(round.map(({ id }) => id), slices.map(({ id }) => id), "nothing is lost or moved");
    assert.ok([4, 5].includes(sides[2].length));
    assert.equal(sides[2].filter((patient) => Number(patient.slice(1)) < 10).length, 2, "each part has its share of the ten who are ill");
  }
});

test("the deal depends on the patients alone, not on the order or the sides of the folder", () => {
  const there = patients(inFold(slices, { fold: 2, folds: 4 }, byPatient), "test");
  const turned = [...slices].reverse().map((slice): Slice => ({ ...slice, split: "train" }));
  assert.deepEqual(patients(inFold(turned, { fold: 2, folds: 4 }, byPatient), "test"), there);
});

test("without validation all others train, and without a fold the folder's sides stay", () => {
  const round = inFold(slices, { fold: 1, folds: 5 }, { ...byPatient, validation: "none" });
  assert.equal(patients(round, "train").length + patients(round, "test").length, 23);
  assert.deepEqual(inFold(slices, undefined, byPatient), slices);
});

test("says which parts there are, and that there are too few patients", () => {
  assert.throws(() => inFold(slices, { fold: 6, folds: 5 }, byPatient), { code: "invalid-value", message: /whole number from 1 to 5, but got 6/ });
  assert.throws(() => inFold(slices, { fold: 0, folds: 5 }, byPatient), { code: "invalid-value" });
  assert.throws(() => inFold(slices.slice(0, 6), { fold: 1, folds: 3 }, byPatient), { message: /as many patients as folds \(3\), but got 2/ });
});
