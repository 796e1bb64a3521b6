import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseCsv } from "../../io/index.js";
import { encodeColumn, machineAttributes } from "./attributes.js";

const read = (text: string, columns?: "paired" | "as-published"): ReturnType<typeof machineAttributes> =>
  machineAttributes(parseCsv(text), "a.csv", columns);

describe("machineAttributes", () => {
  it("reads the plain header and looks clips up by stem, whatever folder and extension", () => {
    const { names, values, vectors } = read("filename,model_id,speed,load\nfan/train/a.wav,M2,12,\nb.png,M1,7.5,heavy\n");
    assert.deepEqual(names, ["model_id", "speed", "load"]);
    assert.deepEqual(vectors.get("a"), [1, 12, -1]);
    assert.deepEqual(vectors.get("b"), [0, 7.5, 0]);
    assert.deepEqual(values.get("a"), { model_id: "M2", speed: "12" });
  });

  it("reads DCASE's own header: one attribute a pair, or every column as the original does", () => {
    const csv = "file_name,d1p,d1v,d2p,d2v\nvalve/train/a.wav,pat,03,pan,0\nvalve/train/b.wav,pat,x,pan,1\n";
    assert.deepEqual(read(csv).names, ["pat", "pan"]);
    assert.deepEqual(read(csv).values.get("b"), { pat: "x", pan: "1" });
    assert.deepEqual(read(csv).vectors.get("b"), [1, 1]);
    assert.deepEqual(read(csv, "as-published").names, ["d1p", "d1v", "d2p", "d2v"]);
    assert.deepEqual(read(csv, "as-published").vectors.get("b"), [0, 1, 0, 1]);
  });

  it("refuses a CSV without clips or attributes, and one that lists a clip twice", () => {
    assert.throws(() => read("clip,speed\na,1\n"), /a\.csv: has no column file_name or filename \(it has clip, speed\)/);
    assert.throws(() => read("file_name\na.wav\n"), /no attribute column/);
    assert.throws(() => read("file_name,v\nx/a.wav,1\ny/a.wav,2\n"), /lists a twice/);
  });
});

describe("encodeColumn", () => {
  it("codes text by lexicographic order with −1 for missing, and keeps numbers (spec §2.3)", () => {
    assert.deepEqual(encodeColumn(["W", "X", "", "A10", "A9"]), [2, 3, -1, 0, 1]);
    assert.deepEqual(encodeColumn(["12", "NaN", "0.5"]), [12, -1, 0.5]);
    assert.deepEqual(encodeColumn(["12", "12V"]), [0, 1]);
  });
});
