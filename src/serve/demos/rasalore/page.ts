// Runs in the browser.
import { ask, attempt, choice, decodePicture, fileButton, fill, h, sendFile, shortcuts, slider, startPage, viewer, type Overlay, type Picture } from "../../client/kit.js";
import type { EmbeddingChoice, SliceAnswer } from "./answers.js";

type Layer = "mask" | "map" | "segmenter" | "none";

startPage(async () => {
  let answer = await ask<SliceAnswer>("start");
  let layer: Layer = "mask";
  let truth: "shown" | "hidden" = "shown";
  let points: "shown" | "hidden" = "hidden";
  let bytes = decoded();

  function decoded(): { probability: Picture; heatMap: Picture; segmenter: Picture; truth: Picture | undefined } {
    return { probability: decodePicture(answer.probability), heatMap: decodePicture(answer.heatMap), segmenter: decodePicture(answer.segmenter), truth: answer.truth && decodePicture(answer.truth) };
  }

  const view = viewer({
    label: "The slice and what is drawn on it",
    describe: (x, y) => {
      const at = y * answer.picture.width + x;
      return `RASALoRE ${(bytes.probability.bytes[at] / 255).toFixed(2)}, heat map ${(bytes.heatMap.bytes[at] / 255).toFixed(2)}`;
    },
  });
  const attention = viewer({ label: "Attention of CLIP's class token, seven by seven patches" });
  const maskCut = slider({ label: "RASALoRE counts as inside from", min: 0.05, max: 0.95, step: 0.05, value: 0.5, format: (v) => v.toFixed(2), onChange: () => draw() });
  const mapCut = slider({ label: "Heat map counts as inside from", min: 0.1, max: 0.9, step: 0.05, value: 0.5, format: (v) => v.toFixed(2), onChange: () => draw() });

  const cut = (picture: Picture, from: number): Picture => ({ ...picture, bytes: picture.bytes.map((value) => (value / 255 > from ? 255 : 0)) });
  const dice = (mask: Picture): string => {
    if (bytes.truth === undefined) return "–";
    let [both, sum] = [0, 0];
    for (const [i, value] of mask.bytes.entries()) {
      const [p, t] = [value > 127 ? 1 : 0, bytes.truth.bytes[i] > 127 ? 1 : 0];
      both += p * t;
      sum += p + t;
    }
    return sum === 0 ? "both empty" : ((2 * both) / sum).toFixed(3);
  };

  const table = h("table", { class: "scores" });
  const said = h("p", { class: "verdict", role: "status" });
  const picker = h("select", { id: "pick" });
  picker.addEventListener("change", () => {
    if (picker.value !== "") void attempt(() => ask<SliceAnswer>("open", { slice: Number(picker.value) })).then(show);
  });
  const layers = choice<Layer>("On the slice", [{ value: "mask", label: "RASALoRE" }, { value: "map", label: "Heat map and box" }, { value: "segmenter", label: "Segmenter in the box" }, { value: "none", label: "Nothing" }], layer, (value) => {
    layer = value;
    draw();
  });
  const truths = choice("Ground truth", [{ value: "shown", label: "Outlined" }, { value: "hidden", label: "Hidden" }], truth, (value) => {
    truth = value;
    draw();
  });
  const pointChoice = choice("Candidate points", [{ value: "hidden", label: "Hidden" }, { value: "shown", label: "+ active, − not" }], points, (value) => {
    points = value;
    draw();
  });
  const embeddings = choice<EmbeddingChoice>("Location embeddings", [{ value: "trained", label: "As trained" }, { value: "redrawn", label: "Another draw" }, { value: "zero", label: "All alike" }], "trained", (kind) => void attempt(() => ask<SliceAnswer>("embeddings", { kind })).then(show));
  const own = fileButton("Open a slice of your own (8-bit PNG)", { accept: "image/png", onFiles: ([file]) => void attempt(() => sendFile<SliceAnswer>("image", file)).then(show) });

  function show(next: SliceAnswer | undefined): void {
    if (next === undefined) return;
    answer = next;
    bytes = decoded();
    view.setPicture(decodePicture(answer.picture));
    attention.setPicture(decodePicture(answer.attention));
    fill(picker, ...(answer.chosen < 0 ? [h("option", { value: "", selected: true }, answer.name)] : []), ...answer.slices.map((name, i) => h("option", { value: String(i), selected: i === answer.chosen }, name)));
    embeddings.set(answer.embeddings);
    draw();
  }

  function boxPicture(): Picture {
    const { width, height } = answer.picture;
    const mask = new Uint8Array(width * height);
    if (answer.box) for (let y = Math.max(0, Math.round(answer.box.top)); y <= Math.min(height - 1, answer.box.bottom); y++) mask.fill(255, y * width + Math.max(0, Math.round(answer.box.left)), y * width + Math.min(width - 1, Math.round(answer.box.right)) + 1);
    return { width, height, channels: 1, bytes: mask };
  }

  function draw(): void {
    const masks = { mask: cut(bytes.probability, maskCut.value()), map: cut(bytes.heatMap, mapCut.value()), segmenter: bytes.segmenter };
    const overlays: Overlay[] = [];
    if (layer === "map") overlays.push({ mask: boxPicture(), colour: "series4", opacity: 0, outline: "dashed" });
    if (layer !== "none") overlays.push({ mask: masks[layer], colour: "series1", opacity: 0.4, outline: "solid" });
    if (truth === "shown" && bytes.truth) overlays.push({ mask: bytes.truth, colour: "series2", opacity: 0, outline: "solid" });
    view.setOverlays(overlays);
    view.setMarkers(points === "shown" ? answer.points.map(({ x, y, activation }) => ({ x, y, kind: activation > 0.5 ? ("positive" as const) : ("negative" as const) })) : []);
    fill(said, "Stage 1 says ", h("b", {}, answer.unhealthy > 0.5 ? "unhealthy" : "healthy"), ` (probability ${answer.unhealthy.toFixed(2)} of a lesion). `,
      answer.embeddings === "trained" ? "" : "These are not the embeddings the network was trained with: its answers mean nothing now.");
    const rows = [["DDPT’s map", masks.map], ["Segmenter in its box", masks.segmenter], ["RASALoRE", masks.mask]] as const;
    fill(table, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Mask"), h("th", { scope: "col" }, "Dice with ground truth"))),
      h("tbody", {}, ...rows.map(([name, mask]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, dice(mask))))));
  }

  shortcuts({ 1: () => { layer = "mask"; layers.set(layer); draw(); }, 2: () => { layer = "map"; layers.set(layer); draw(); }, 3: () => { layer = "segmenter"; layers.set(layer); draw(); } });
  show(answer);
  const left = h("div", { class: "stack" },
    h("div", {}, h("label", { for: "pick" }, "Slice"), picker),
    h("div", { class: "row" }, own),
    h("div", {}, view.element, h("p", { class: "muted" }, "Blue and filled: the chosen mask. Orange: ground truth, which only the scores know.")),
  );
  const controls = h("div", { class: "stack" },
    h("div", { class: "card" }, said, table),
    h("div", { class: "card stack" }, layers.element, truths.element, pointChoice.element, maskCut.element, mapCut.element),
    h("div", { class: "card" }, embeddings.element),
    h("section", { class: "card", "aria-label": "Attention" }, h("h2", {}, "Where CLIP looks"), attention.element, h("p", { class: "muted" }, "How much the class token looks at each of seven by seven patches. Enlarged, this is the heat map.")),
  );
  return [h("div", { class: "columns" }, left, controls)];
});
