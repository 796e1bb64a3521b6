import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { inflateSync } from "node:zlib";
import { describe, it } from "node:test";
import { describe as toBundle } from "./describe.js";
import { html, json, markdown, png, svg } from "./forms.js";
import { liveCurves } from "./curves.js";
import { openCommChannel, type CommMessage } from "./comm.js";
import { overlay } from "./overlay.js";
import { publicPlotly } from "./plotly.js";
import { displayProgress } from "./progress.js";
import { volumeSlices } from "./volume.js";
import { widget } from "./widget.js";
import { openChannel } from "./channel.js";
import { encodeDisplayPng } from "./png.js";
import type { MimeBundle } from "./bundle.js";

const text = async (value: unknown): Promise<unknown> => (await toBundle(value)).data["text/plain"];
const tensor = (shape: number[], values: number[], dtype = "float32"): object => ({
  shape,
  dtype,
  size: values.length,
  data: () => Promise.resolve(Float32Array.from(values)),
});

/** Width, height and the rows of an 8-bit PNG made without filters. */
function decode(base64: unknown): { width: number; height: number; rows: Buffer } {
  const file = Buffer.from(String(base64), "base64");
  const length = file.readUInt32BE(33);
  return { width: file.readUInt32BE(16), height: file.readUInt32BE(20), rows: inflateSync(file.subarray(41, 41 + length)) };
}

describe("a value is shown", () => {
  it("as a tensor with shape, type and statistics, without TensorFlow.js", async () => {
    assert.equal(
      await text(tensor([2, 2], [1, 2, 3, 4])),
      "Tensor [2, 2] float32\n[1, 2, 3, 4]\nmin 1, max 4, mean 2.5, sd 1.11803",
    );
    assert.equal(await text(tensor([], [0.5])), "Tensor [] float32: 0.5");
    assert.equal(
      await text(tensor([3], [1, NaN, 3])),
      "Tensor [3] float32\n[1, NaN, 3]\nmin 1, max 3, mean 2, sd 1; 1 not finite",
    );
    assert.equal(await text({ ...tensor([1], [1]), isDisposed: true }), "Tensor [1] float32, disposed");
  });

  it("with the tensors inside it named, not taken apart", async () => {
    class Tensor {
      readonly dtype = "int32";
      readonly bookkeeping = 1;
      constructor(readonly shape: number[]) {}
      data(): Promise<Int32Array> {
        return Promise.resolve(new Int32Array(6));
      }
    }
    class Variable extends Tensor {}
    assert.equal(
      await text({ weights: [new Variable([2, 3])], step: 4 }),
      "{ weights: [ Tensor [2, 3] int32 ], step: 4 }",
    );
  });

  it("as a picture too when a tensor has the shape of one: [0, 1] is black to white", async () => {
    const values = Array.from({ length: 64 }, (_, i) => i / 63);
    const { data } = await toBundle(tensor([1, 8, 8, 1], values));
    const { width, height, rows } = decode(data["image/png"]);
    assert.deepEqual([width, height, rows[1], rows.at(-1)], [8, 8, 0, 255]);
    assert.equal((await toBundle(tensor([8, 8, 2], [...values, ...values]))).data["image/png"], undefined);
  });

  it("as a figure with Plotly's JSON, the whole figure, and its words", async () => {
    const figure = { id: "roc", data: [{ y: [1] }], layout: {}, alt: "A rising curve.", generated: true };
    const { data } = await toBundle(figure);
    assert.deepEqual(data["application/vnd.plotly.v1+json"], {
      data: figure.data,
      layout: {},
      config: { responsive: true, displaylogo: false },
    });
    assert.equal(data["application/vnd.folio.figure+json"], figure);
    assert.equal(data["text/plain"], "Figure roc: A rising curve.\nMade from generated data.");
  });

  it("as a figure that pages without a Jupyter server draw with the public copy of the Plotly that is installed", async () => {
    const installed = createRequire(import.meta.url).resolve("plotly.js-cartesian-dist-min");
    const { version, main } = JSON.parse(await readFile(join(dirname(installed), "package.json"), "utf8")) as { version: string; main: string };
    assert.equal(publicPlotly.url, `https://cdn.jsdelivr.net/npm/plotly.js-cartesian-dist-min@${version}/${main}`);
    assert.equal(publicPlotly.integrity, `sha384-${createHash("sha384").update(await readFile(installed)).digest("base64")}`);
  });

  it("as a table, with markup in its cells made harmless and long ones cut with their length", async () => {
    const { data } = await toBundle([
      { name: "<b>", n: 1 },
      { name: "x", n: 10.5 },
    ]);
    assert.equal(data["text/plain"], "name     n\n────  ────\n<b>      1\nx     10.5");
    assert.match(String(data["text/html"]), /<td style="text-align:left">&lt;b&gt;<\/td>/);
    assert.match(String(await text(Array.from({ length: 500 }, (_, i) => ({ i })))), /…\n490\n[^]*499\n500 rows$/);
  });

  it("as sound that a browser plays", async () => {
    const { data } = await toBundle({ sampleRate: 8000, channels: [Float32Array.of(0, 1, -1, 2)] });
    const wav = Buffer.from(/base64,([^"]+)/.exec(String(data["text/html"]))![1], "base64");
    assert.deepEqual(
      [wav.readUInt32LE(24), wav.length, wav.readInt16LE(46), wav.readInt16LE(48), wav.readInt16LE(50)],
      [8000, 52, 32767, -32767, 32767],
    );
    assert.equal(data["text/plain"], "Audio 0.00 s, 8000 Hz, 1 channel");
  });

  it("as an image, a PNG file, a typed array", async () => {
    const { data } = await toBundle({ width: 2, height: 1, channels: 3, depth: 8, data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
    assert.deepEqual([...decode(data["image/png"]).rows], [0, 1, 2, 3, 4, 5, 6]);
    assert.equal(await text(encodeDisplayPng(new Uint8Array(6), 3, 2, 1)), "PNG image 3 × 2");
    assert.equal(
      await text(Float64Array.from({ length: 20 }, (_, i) => i / 3)),
      "Float64Array(20) [0, 0.333333, 0.666667, 1, 1.33333, 1.66667, …, 4.66667, 5, 5.33333, 5.66667, 6, 6.33333]\nmin 0, max 6.33333, mean 3.16667, sd 1.92209",
    );
  });

  it("as it says itself, at once or later, always with plain text", async () => {
    const symbol = Symbol.for("Jupyter.display");
    assert.deepEqual((await toBundle({ [symbol]: () => ({ "text/html": "<i>", "text/plain": "i" }) })).data, {
      "text/html": "<i>",
      "text/plain": "i",
    });
    assert.equal(
      await text({ [symbol]: () => Promise.resolve({ "text/html": "<i>" }), n: 1 }).then((shown) =>
        String(shown).includes("n: 1"),
      ),
      true,
    );
  });

  it("as Node's inspector prints it otherwise, promises without bookkeeping", async () => {
    assert.equal(await text({ a: [1, { b: null }] }), "{ a: [ 1, { b: null } ] }");
    assert.match(String(await text(new Promise(() => {}))), /^Promise \{\s+<pending>,?\s*\}$/);
  });
});

describe("forms", () => {
  it("carry plain text beside what they are", () => {
    assert.deepEqual(
      html`<b>${1}</b> &c
        <script>
          alert(1);
        </script>`.data["text/plain"],
      "1 &c",
    );
    assert.deepEqual(markdown("# T").data, { "text/markdown": "# T", "text/plain": "# T" });
    assert.equal(svg("<svg><title>A line</title></svg>").data["text/plain"], "A line");
    assert.equal(
      png(encodeDisplayPng(new Uint8Array(4), 2, 2, 1), "four black pixels").data["text/plain"],
      "four black pixels",
    );
    assert.deepEqual(json({ a: 1 }).data["application/json"], { a: 1 });
  });
});

describe("displayProgress", () => {
  it("updates one output in place and ends with what came out", () => {
    const seen: string[] = [];
    const note = (kind: string) => (bundle: MimeBundle) => void seen.push(`${kind} ${String(bundle.data["text/plain"])}`);
    const close = openChannel({
      show: note("show"),
      update: note("update"),
      clear: () => {},
      pending: () => {},
      signal: () => new AbortController().signal,
    });
    let clock = 0;
    const task = displayProgress(() => clock).begin("train", 4);
    task.update(1, "loss 2");
    clock = 50;
    task.update(2, "too soon");
    clock = 2000;
    task.end("loss 1.2");
    close();
    assert.deepEqual(seen, ["show train 0/4", "update train 1/4 loss 2", "update train: loss 1.2, 2.0 s"]);
  });
});

describe("overlay", () => {
  it("blends each mask in its colour into the still picture and lets the reader switch it off", () => {
    const { data } = overlay({ width: 2, height: 1, data: [0, 10] }, [[1, 0]], { alt: "two pixels", names: ["<lesion>"] });
    assert.deepEqual([...decode(data["image/png"]).rows], [0, 104, 72, 0, 255, 255, 255]);
    assert.match(String(data["text/html"]), /&lt;lesion&gt;/);
    assert.equal(data["text/plain"], "Picture 2 × 1 with <lesion>: two pixels");
    assert.throws(
      () => overlay({ width: 2, height: 1, data: [0, 1] }, [[1]], { alt: "" }),
      /1 values, the picture 2 × 1 = 2/,
    );
  });
});

describe("volumeSlices", () => {
  it("shows the middle slice where scripts do not run, with one grey scale for all", () => {
    const { data } = volumeSlices({ shape: [3, 1, 2], data: [0, 10, 5, 5, 10, 0] }, { alt: "three slices" });
    assert.deepEqual([...decode(data["image/png"]).rows], [0, 128, 128]);
    const strip = /url\(data:image\/png;base64,([^)]+)\)/.exec(String(data["text/html"]))?.[1];
    assert.deepEqual([...decode(strip).rows], [0, 0, 255, 0, 128, 128, 0, 255, 0]);
    assert.throws(() => volumeSlices({ shape: [2, 2, 2], data: [1] }, { alt: "" }), RangeError);
  });
});

describe("liveCurves", () => {
  it("redraws one output, rarely, and at the end", () => {
    const seen: string[] = [];
    let picture = "";
    const close = openChannel({
      show: () => {},
      update: ({ data }) => {
        seen.push(String(data["text/plain"]));
        picture = String(data["image/svg+xml"]);
      },
      clear: () => {},
      pending: () => {},
      signal: () => new AbortController().signal,
    });
    let clock = 0;
    const curves = liveCurves("training", () => clock);
    curves.add(0, { loss: 2 });
    clock = 250;
    curves.add(1, { loss: 1.5 });
    curves.add(2, { loss: 1.25 });
    curves.end();
    close();
    assert.deepEqual(seen, ["training: loss 1.5 at 1", "training: loss 1.25 at 2"]);
    // 0 … 2 from left 64 to right 620, 1.25 … 2 from bottom 276 to top 44.
    assert.match(picture, /points="64,44 342,198.7 620,276"/);
    assert.match(picture, />loss<\/text>/);
  });
});

describe("widget", () => {
  it("shares its state with the front end by anywidget's messages", async () => {
    const sent: CommMessage[] = [];
    const receiver = openCommChannel((message) => void sent.push(message));
    const slider = widget({ esm: "export default {}", state: { value: 3 } });
    const [opened] = sent;
    assert.deepEqual([opened.type, opened.target, opened.metadata], ["comm_open", "jupyter.widget", { version: "2.1.0" }]);
    assert.deepEqual((opened.data.state as Record<string, unknown>).value, 3);
    const changes: unknown[] = [];
    slider.onChange((changed, state) => void changes.push([changed, state]));
    receiver.receive({ type: "comm_msg", commId: slider.id, data: { method: "update", state: { value: 5, unknown: 1 } } });
    assert.deepEqual([slider.get("value"), changes], [5, [[{ value: 5 }, { value: 5 }]]]);
    slider.set({ value: 7 });
    assert.deepEqual(sent.at(-1)?.data, { method: "update", state: { value: 7 }, buffer_paths: [] });
    assert.equal(
      ((await toBundle(slider)).data["application/vnd.jupyter.widget-view+json"] as { model_id: string }).model_id,
      slider.id,
    );
  });
});
