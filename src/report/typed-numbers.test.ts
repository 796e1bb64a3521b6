import assert from "node:assert/strict";
import { test } from "node:test";
import { typedNumbers } from "./typed-numbers.js";

const measured = { metrics: ["AUC", "Dice", "HD95", "f1"], series: [{ label: "Ours", values: [0.9131, 0.72, 3.417] }] };
const found = (text: string): string[] => typedNumbers(text, measured).map(({ line, number }) => `${line}: ${number}`);

test("results typed into the text are told with their line", () => {
  assert.deepEqual(found("First.\n\nThe AUC is 0.91 on fans and .84 on pumps."), ["3: 0.91", "3: .84"]);
  assert.deepEqual(found("Dice rose by 12 % (to 81.2%)."), ["1: 12 %", "1: 81.2%"]);
  assert.deepEqual(found("Ours reaches\n0.913, which is much."), ["2: 0.913"]);
  assert.deepEqual(found("Ours is right in 91.3 % of all cases."), ["1: 91.3 %"]);
  assert.deepEqual(found("Ours has an HD95 of 3.42 mm."), ["1: 3.42"]);
  assert.deepEqual(found('{{table id="t"\n caption="An AUC of 0.77." metrics="auc"}}\n\n- Dice\n- a Dice of 0.66'), ["1: 0.77", "5: 0.66"]);
});

test("an honest text passes", () => {
  for (const text of [
    'The AUC is {{value metric="auc" series="ours"}}.',
    'They report an AUC of 0.93{{cite "them"}}.',
    'They report an AUC of {{given "0.93" source="their slides, p. 4"}}.',
    "AUC at chance is 0.5; intervals hold 95 % of 2000 resamples, p < 0.05.",
    "Images have 1.25 mm voxels. We train with a learning rate of 0.001 and weight decay 0.02.",
    "AUC is computed as in Section 2.1, with scikit-learn 1.9.1 under Node 20.19.",
    "Dice with $\\lambda = 0.37$ and `threshold=0.73`, over {{math \"\\tau = 0.17\"}}.",
    "## AUC of 0.91",
    "F1 takes 12 cases of 2024; 33 patients have a Dice.",
    "Dice is taken at a spacing of 1.25 mm.",
    "```\nauc = 0.91\n```",
    '{{eq "AUC = 0.91" id="eq-a"}} {{!-- AUC 0.91 --}}',
    "The loss fell to 0.62. Later the AUC was computed.",
  ]) assert.deepEqual(found(text), [], text);
});
