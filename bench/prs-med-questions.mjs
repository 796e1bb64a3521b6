// npm run bench -- prs-med-questions --run RUN --data DIR [--questions bench/prs-med-questions.txt]
// Questions in words of a person, not of the generator: each is put to six test pictures where what it names is there. A mask is on the lesion that is meant when its Dice with that one
// is at least 0.1 above the Dice with the other of the picture.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { loadPrsRows, readPrsMed, rowsOfSplit } from "../dist/datasets/index.js";
import { openEngine } from "../dist/engine/index.js";
import * as prs from "../dist/methods/prs-med/index.js";
import { dice, zoneOf } from "../dist/metrics/index.js";

const { values: options } = parseArgs({ options: { run: { type: "string" }, data: { type: "string" }, questions: { type: "string", default: "bench/prs-med-questions.txt" } } });
const engine = await openEngine({ threads: 1 });
const { model } = await prs.openTrained(engine.tf, options.run);
const { rows } = await readPrsMed(options.data);
const cases = await loadPrsRows(rowsOfSplit(rows, "test"), model.config.imageSize);
const questions = (await readFile(options.questions, "utf8")).split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(" | "));
const brightness = ["bright", "dark"];
const fits = (kind, wanted) => (each) => each.kind === kind && (kind === "single" || (kind === "attr" ? prs.conceptsOf(each.question)[brightness.indexOf(wanted)] === 1 : zoneOf(each.position) === wanted));
const binary = (values) => Uint8Array.from(values, (x) => (x > 0.5 ? 1 : 0));
const overlap = (a, b) => dice(binary(a), binary(b), { whenBothEmpty: "one" }).score;
const answered = [];
for (const [kind, wanted, question] of questions) {
  const asked = cases.filter(fits(kind, wanted)).slice(0, 6).map((each) => ({ ...each, question }));
  const replies = await prs.askAll(engine.tf, model, asked, { batch: 6 });
  const scores = replies.map(({ probability, answer }, i) => {
    const other = cases.find(({ group, id }) => group === asked[i].group && id !== asked[i].id);
    const own = overlap(probability, asked[i].softMask);
    return { kind, dice: own, right: own > (other ? overlap(probability, other.softMask) : 0) + 0.1, said: zoneOf(answer ?? "") === zoneOf(asked[i].position) };
  });
  answered.push(...scores);
  console.log(`${say(scores)} | ${question} | ${replies[0].answer}`);
}
for (const kind of ["single", "attr", "zone"]) console.log(`${kind}: ${say(answered.filter((each) => each.kind === kind))}`);
await engine.close();

function say(scores) {
  const count = (of) => `${scores.filter(of).length} of ${scores.length}`;
  return `Dice ${(scores.reduce((sum, each) => sum + each.dice, 0) / scores.length).toFixed(3)}, mask on the one meant ${count(({ right }) => right)}, zone named ${count(({ said }) => said)}`;
}
