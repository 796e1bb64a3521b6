// Runs in the browser.
import { ask, attempt, button, choice, decodePicture, fill, h, inTurn, latest, shortcuts, slider, startPage, viewer, type Overlay, type Picture } from "../../client/kit.js";
import type { SentPicture } from "../../picture.js";
import type { Chooser, ScanAnswer, SliceAnswer, Standing, VarietyAnswer } from "./answers.js";

const structureNames = ["RV", "MYO", "LV"] as const;
const structureColours = ["series2", "series6", "series3"] as const;
const acquiredColour = "series2";
const likelyColour = "series3";
const playMs = 450;

const meanDice = ({ dice }: Standing): number => (dice[0] + dice[1] + dice[2]) / 3;
const names: Readonly<Record<Chooser, string>> = { policy: "policy", centre: "middle first", equispaced: "equispaced", vds: "variable density", random: "random", you: "you" };

type Shown = "predicted" | "truth" | "both";

startPage(async () => {
  let slice = await ask<SliceAnswer>("start");
  let scan: ScanAnswer = slice;
  let playing: ReturnType<typeof setTimeout> | undefined;
  let shown: Shown = "both";

  // What one does
  const act = (name: string, body: unknown = {}, possible = (): boolean => true): Promise<unknown> => inTurn(async () => {
    if (!possible()) return;
    scan = await ask<ScanAnswer>(name, body);
    showScan();
  });
  const take = (column: number): void => {
    stop();
    void act("take", { column });
  };
  const reopen = latest((signal, change: { run?: number; slice?: number; budget?: number }) => ask<SliceAnswer>("open", change, signal));
  const open = (change: { run?: number; slice?: number; budget?: number }): void => {
    stop();
    void attempt(() => reopen(change)).then((next) => {
      if (next === undefined) return;
      [slice, scan] = [next, next];
      showSlice();
    });
  };
  const begun = (): boolean => scan.lines.length > 0;
  const spent = (): boolean => scan.lines.length >= scan.budget;
  function stop(): void {
    clearTimeout(playing);
    playing = undefined;
    playButton.firstChild!.textContent = "Play";
  }
  async function goOn(): Promise<void> {
    await act("step", { by: chooser.value() }, () => !spent());
    if (playing === undefined) return;
    if (spent()) stop();
    else playing = setTimeout(() => void goOn(), playMs);
  }
  function play(): void {
    if (playing !== undefined) return stop();
    if (spent()) return;
    playButton.firstChild!.textContent = "Pause";
    playing = setTimeout(() => void goOn(), 0);
  }
  const step = (): void => {
    stop();
    void act("step", { by: chooser.value() }, () => !spent());
  };
  const goBack = (how: "undo" | "clear"): void => {
    stop();
    void act(how, {}, begun);
  };

  // What one sees
  const acquired = (): Map<number, number> => new Map(scan.lines.map(({ column }, at) => [column, at + 1]));
  const describeColumn = (x: number): string => {
    const at = acquired().get(x);
    if (at !== undefined) return `column ${x}, acquired as line ${at} by ${names[scan.lines[at - 1].by]}`;
    return `column ${x}, not acquired; the policy takes it next with probability ${scan.probabilities[x].toFixed(2)}`;
  };
  const kspaceView = viewer({ label: "k-space; click a column to acquire it", describe: (x) => describeColumn(x), onPick: (x) => take(x) });
  const answerView = viewer({ label: "The reconstruction with the segmentation", describe: (x, y) => whatIsAt(x, y) });
  const truthView = viewer({ label: "All lines, with the true outlines", describe: (x, y) => structureNames.filter((_, i) => inside(slice.truth[i], x, y)).join("") || "background" });
  const inside = (mask: SentPicture, x: number, y: number): boolean => decodePicture(mask).bytes[y * mask.width + x] > 127;
  const whatIsAt = (x: number, y: number): string => {
    const at = (masks: readonly SentPicture[]): string => structureNames.filter((_, i) => inside(masks[i], x, y)).join("") || "background";
    return `predicted ${at(scan.predicted)}, true ${at(slice.truth)}`;
  };

  const columnsMask = (level: (column: number) => number): Picture => {
    const { size } = slice;
    const bytes = new Uint8Array(size * size);
    for (let i = 0; i < bytes.length; i++) bytes[i] = level(i % size);
    return { width: size, height: size, channels: 1, bytes };
  };
  const outline = (mask: SentPicture, i: number, kind: "solid" | "dashed"): Overlay => ({ mask: decodePicture(mask), colour: structureColours[i], opacity: 0, outline: kind });

  const numbers = h("div", { class: "card", role: "status" });
  const varietyNote = h("p", { class: "variety" });
  const historyPlace = h("div", { class: "card" });
  const swatch = (colour: string): HTMLElement => {
    const element = h("span", { class: "swatch", "aria-hidden": "true" });
    element.style.setProperty("background", `var(--${colour})`);
    return element;
  };
  const chooser = choice<Exclude<Chooser, "you">>("The next line is chosen by", (["policy", "centre", "equispaced", "vds", "random"] as const).map((value) => ({ value, label: names[value] })), "policy", () => stop());
  const looks = choice<Shown>("Outlines", [{ value: "predicted", label: "Predicted" }, { value: "truth", label: "True" }, { value: "both", label: "Both" }], shown, (value) => {
    shown = value;
    showScan();
  });
  const playButton = button("Play", play, { keys: "P", primary: true });
  const stepButton = button("Next line", step, { keys: "N" });
  const undo = button("Undo", () => goBack("undo"), { keys: "U" });
  const clear = button("Start again", () => goBack("clear"), { keys: "C" });
  const budget = slider({ label: "Lines to spend", min: 1, max: slice.mostLines, step: 1, value: slice.budget, onChange: (value) => open({ budget: value }) });
  const slicePicker = h("select", { id: "slice" }, ...slice.slices.map((name, i) => h("option", { value: i }, name)));
  slicePicker.addEventListener("change", () => open({ slice: Number(slicePicker.value) }));
  const runPicker = h("select", { id: "run" }, ...slice.runs.map((name, i) => h("option", { value: i }, name)));
  runPicker.addEventListener("change", () => open({ run: Number(runPicker.value) }));

  function showScan(): void {
    const taken = acquired();
    const most = Math.max(1e-9, ...scan.probabilities);
    kspaceView.setOverlays([
      { mask: columnsMask((column) => (taken.has(column) ? 255 : 0)), colour: acquiredColour, opacity: 0.4, outline: "none" },
      { mask: columnsMask((column) => Math.round((255 * scan.probabilities[column]) / most)), colour: likelyColour, opacity: 0.75, outline: "none" },
    ]);
    answerView.setPicture(decodePicture(scan.reconstruction));
    answerView.setOverlays([
      ...(shown === "predicted" ? [] : slice.truth.map((mask, i) => outline(mask, i, "dashed"))),
      ...(shown === "truth" ? [] : scan.predicted.map((mask, i) => outline(mask, i, "solid"))),
    ]);
    stepButton.disabled = playButton.disabled = spent();
    undo.disabled = clear.disabled = !begun();
    showNumbers();
    showHistory();
  }

  function showNumbers(): void {
    const now = scan.standings.at(-1)!;
    const end = slice.policyAlone.at(-1)!;
    const verdict = !spent() ? undefined : meanDice(now) >= meanDice(end) - 0.005
      ? `With ${scan.budget} lines you are level with the policy alone (${meanDice(end).toFixed(3)}) or ahead of it.`
      : `With ${scan.budget} lines the policy alone reaches ${meanDice(end).toFixed(3)}; you are at ${meanDice(now).toFixed(3)}.`;
    fill(numbers,
      h("p", {}, h("b", {}, `${scan.lines.length} of ${scan.budget} lines`), scan.lines.length > 0 ? `: columns ${scan.lines.map(({ column }) => column).join(", ")}` : ". k-space is empty; so is the picture."),
      h("dl", { class: "facts" }, ...structureNames.flatMap((name, i) => [h("dt", {}, swatch(structureColours[i]), `Dice ${name}`), h("dd", {}, now.dice[i].toFixed(3))]),
        h("dt", {}, "mean Dice"), h("dd", {}, h("b", {}, meanDice(now).toFixed(3))), h("dt", {}, "SSIM"), h("dd", {}, now.ssim.toFixed(3))),
      verdict === undefined ? undefined : h("p", { class: "verdict" }, verdict));
  }

  function showHistory(): void {
    const cell = (standing: Standing | undefined, best: boolean): HTMLElement => h("td", { class: `number${best ? " best" : ""}` }, standing === undefined ? "" : meanDice(standing).toFixed(3));
    const rows = slice.policyAlone.map((policy, count) => {
      const all = [scan.standings[count], policy, slice.middleFirst[count]];
      const top = Math.max(...all.map((each) => (each === undefined ? -1 : meanDice(each))));
      const by = count === 0 ? "none" : scan.lines[count - 1] === undefined ? "" : `${scan.lines[count - 1].column}, ${names[scan.lines[count - 1].by]}`;
      return h("tr", {}, h("th", { scope: "row" }, count), h("td", {}, by), ...all.map((each) => cell(each, each !== undefined && meanDice(each) === top)));
    });
    const head = ["After", "Line", "Here", "Policy alone", "Middle first"].map((name, i) => h("th", { scope: "col", class: i > 1 ? "number" : undefined }, name));
    fill(historyPlace, h("h2", {}, "Mean Dice, line by line"), h("div", { class: "history", tabindex: 0, role: "region", "aria-label": "Mean Dice, line by line" }, h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows))));
  }

  async function showVariety(): Promise<void> {
    const { run, budget, slices, sets } = await ask<VarietyAnswer>("variety");
    if (run !== slice.run || budget !== slice.budget) return;
    fill(varietyNote, sets === 1
      ? `Left alone with ${budget} lines, this policy takes the same columns on each of ${slices} slices: it found a good mask and does not look at the slice.`
      : `Left alone with ${budget} lines, this policy takes ${sets} different sets of columns on ${slices} slices: it looks at what it has acquired.`);
  }

  function showSlice(): void {
    void attempt(showVariety);
    kspaceView.setPicture(decodePicture(slice.kspace));
    truthView.setPicture(decodePicture(slice.image));
    truthView.setOverlays(slice.truth.map((mask, i) => outline(mask, i, "dashed")));
    slicePicker.value = String(slice.slice);
    runPicker.value = String(slice.run);
    budget.set(slice.budget);
    showScan();
  }

  shortcuts({ n: step, p: play, u: () => goBack("undo"), c: () => goBack("clear") });
  showSlice();
  const pictures = h("div", { class: "scans" },
    h("section", {}, h("h2", {}, "k-space"), kspaceView.element, h("p", { class: "key" }, h("span", {}, swatch(acquiredColour), "acquired"), h("span", {}, swatch(likelyColour), "the policy’s next line"))),
    h("section", {}, h("h2", {}, "Reconstruction"), answerView.element, h("p", { class: "key" }, "solid predicted, dashed true")),
    h("section", {}, h("h2", {}, "All lines"), truthView.element, h("p", { class: "key" }, ...structureNames.map((name, i) => h("span", {}, swatch(structureColours[i]), name)))));
  const controls = h("div", { class: "card stack" },
    h("div", { class: "row" }, playButton, stepButton, undo, clear),
    chooser.element,
    budget.element,
    looks.element,
    h("div", { class: "row" }, h("label", { for: "slice" }, "Slice"), slicePicker),
    slice.runs.length > 1 ? h("div", { class: "row" }, h("label", { for: "run" }, "Policy"), runPicker) : undefined);
  return [pictures, h("div", { class: "columns below" }, controls, h("div", { class: "stack" }, numbers, historyPlace, varietyNote))];
});
