import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { attributesOfTokens, parseClipName } from "./clip.js";

describe("parseClipName", () => {
  it("reads the names DCASE uses (ASTRA spec §2.2)", () => {
    for (const [stem, domain, split, label, tokens] of [
      ["section_00_source_train_normal_0000_pro_A_vel_12_loc_B", "source", "train", "normal", "pro_A_vel_12_loc_B"],
      [
        "section_00_source_test_normal_0000_car_A2_spd_28V_mic_1_noise_1",
        "source",
        "test",
        "normal",
        "car_A2_spd_28V_mic_1_noise_1",
      ],
      ["section_00_target_test_anomaly_0049_noAttribute", "target", "test", "anomaly", "noAttribute"],
      ["section_00_source_train_normal_0001", "source", "train", "normal", ""],
    ]) {
      assert.deepEqual(parseClipName(stem), {
        section: "00",
        domain,
        split,
        label,
        index: stem.slice(-tokens.length - 5).match(/\d{4}/)?.[0],
        tokens,
      });
    }
    assert.deepEqual(parseClipName("anomaly_id_02_00000017"), {
      section: "02",
      domain: "all",
      split: undefined,
      label: "anomaly",
      index: "00000017",
      tokens: "",
    });
    assert.deepEqual(parseClipName("section_03_0042"), {
      section: "03",
      domain: "all",
      split: "test",
      label: "unknown",
      index: "0042",
      tokens: "",
    });
  });

  it("does not guess at others: the original calls every name without `normal` an anomaly", () => {
    for (const stem of [
      "recording",
      "section_0_source_train_normal_0000",
      "section_00_source_train_normal_00",
      "abnormal_id_00_00000000",
      "",
    ]) {
      assert.equal(parseClipName(stem), undefined, stem);
    }
  });
});

describe("attributesOfTokens", () => {
  it("pairs names and values, and keeps whole what cannot be paired", () => {
    assert.deepEqual(attributesOfTokens("car_A2_spd_28V_mic_1_noise_1"), { car: "A2", spd: "28V", mic: "1", noise: "1" });
    assert.deepEqual(attributesOfTokens("noAttribute"), {});
    assert.deepEqual(attributesOfTokens("spd1000_b_noA"), { tokens: "spd1000_b_noA" });
    assert.deepEqual(attributesOfTokens("mic_a_mic_b"), { tokens: "mic_a_mic_b" });
  });
});
