import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { writeWav } from "../../io/index.js";
import { checkDcase, readClip, readClips, readDcase, selectClips } from "../index.js";

const root = await mkdtemp(join(tmpdir(), "folio-dcase-"));
after(() => rm(root, { recursive: true }));

/** A dataset folder with these files: samples make a 16 kHz WAV, text is written as it is. */
async function folder(name: string, files: Record<string, readonly number[] | string>): Promise<string> {
  const path = join(root, name);
  await mkdir(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    if (typeof content === "string") await writeFile(join(path, file), content);
    else await writeWav(join(path, file), { sampleRate: 16000, channels: [content] });
  }
  return path;
}

const train = "section_00_source_train_normal_0000_vel_7.wav";
const test = "section_00_target_test_anomaly_0001_vel_9.wav";

describe("readDcase", () => {
  it("reads names, attributes and folders into typed clips", async () => {
    const data = await folder("plain", {
      [`fan/train/${train}`]: [0],
      [`fan/test/${test}`]: [0],
      "fan/supplemental/section_02_noise_0001.wav": [0],
      "fan/attributes_00.csv": `file_name,d1p,d1v\nfan/train/${train},vel,7\nfan/test/${test},vel,9V\n`,
      "valve/train/normal_id_04_00000000.wav": [0],
      "valve/test/anomaly_id_04_00000000.wav": [0],
      "notes/readme.txt": "not a machine",
    });
    const { clips, machines, attributeDim, attributeNames, problems, generated } = await readDcase(data);
    assert.deepEqual(
      [machines, attributeDim, attributeNames, problems, generated],
      [["fan", "valve"], 1, { fan: ["vel"] }, [], undefined],
    );
    assert.deepEqual(clips, [
      {
        id: `fan/train/${train.slice(0, -4)}`,
        path: join(data, "fan/train", train),
        machine: "fan",
        section: "00",
        split: "train",
        domain: "source",
        label: "normal",
        attributes: { vel: "7" },
        attributeVector: [0],
      },
      {
        id: "fan/supplemental/section_02_noise_0001",
        path: join(data, "fan/supplemental/section_02_noise_0001.wav"),
        machine: "fan",
        section: "02",
        split: "supplemental",
        domain: "all",
        label: "unknown",
        attributes: {},
        attributeVector: [0],
      },
      {
        id: `fan/test/${test.slice(0, -4)}`,
        path: join(data, "fan/test", test),
        machine: "fan",
        section: "00",
        split: "test",
        domain: "target",
        label: "anomaly",
        attributes: { vel: "9V" },
        attributeVector: [1],
      },
      {
        id: "valve/train/normal_id_04_00000000",
        path: join(data, "valve/train/normal_id_04_00000000.wav"),
        machine: "valve",
        section: "04",
        split: "train",
        domain: "all",
        label: "normal",
        attributes: {},
        attributeVector: [0],
      },
      {
        id: "valve/test/anomaly_id_04_00000000",
        path: join(data, "valve/test/anomaly_id_04_00000000.wav"),
        machine: "valve",
        section: "04",
        split: "test",
        domain: "all",
        label: "anomaly",
        attributes: {},
        attributeVector: [0],
      },
    ]);
    assert.deepEqual(
      selectClips(clips, { machine: "fan", label: "anomaly" }).map(({ domain }) => domain),
      ["target"],
    );
  });

  it("takes the machines asked for, in that order, and attributes of those asked for alone", async () => {
    const data = join(root, "plain");
    assert.deepEqual((await readDcase(data, { machines: ["valve", "fan"] })).machines, ["valve", "fan"]);
    assert.equal((await readDcase(data, { attributeMachines: ["valve"] })).attributeDim, 0);
    assert.deepEqual(
      (await readDcase(data, { attributeMachines: ["valve"] })).clips[0].attributes,
      { vel: "7" },
      "from the file name",
    );
  });

  it("follows links to data that lies elsewhere, and reads the test folders of 2021", async () => {
    const data = await folder("linked", { [`fan/train/${train}`]: [0], [`fan/target_test/${test}`]: [0] });
    await mkdir(join(root, "links"));
    await symlink(join(data, "fan"), join(root, "links", "fan"));
    const { clips } = await readDcase(join(root, "links"), { require: ["train", "test"] });
    assert.deepEqual(
      clips.map(({ split }) => split),
      ["train", "test"],
    );
  });

  it("leaves out what has no sure label, and lists it", async () => {
    const data = await folder("odd", {
      [`fan/train/${train}`]: [0],
      "fan/train/section_00_source_train_anomaly_0000.wav": [0],
      "fan/train/section_00_source_train_normal_0000_zzz.wav": [0],
      "fan/train/cover.jpg": "",
      [`fan/test/${test}`]: [0],
      "fan/test/recording.wav": [0],
      [`fan/test/${train}`]: [0],
      "fan/attributes_00.csv": `file_name,vel\n${train},7\nghost.wav,8\n`,
    });
    const { clips, problems } = await readDcase(data);
    assert.equal(clips.length, 2);
    assert.deepEqual(
      problems.map(({ code, path }) => `${code} ${path}`).sort(),
      [
        "duplicate fan/train/section_00_source_train_normal_0000_zzz.wav",
        `no-attributes fan/test/${test}`,
        "no-such-clip fan/attributes_00.csv",
        "stray-file fan/train/cover.jpg",
        "stray-name fan/test/recording.wav",
        "wrong-folder fan/train/section_00_source_train_anomaly_0000.wav",
        `wrong-folder fan/test/${train}`,
      ].sort(),
    );
  });

  it("says which folder is missing or empty", async () => {
    const data = await folder("empty", { [`fan/train/${train}`]: [0], "fan/test/.keep": "", [`pump/test/${test}`]: [0] });
    await assert.rejects(readDcase(join(root, "nowhere")), /nowhere: does not exist\. See data\/README\.md/);
    await assert.rejects(readDcase(data, { machines: ["fan", "slider"] }), /has no folder for the machine slider/);
    await assert.rejects(readDcase(data, { machines: ["fan"] }), /fan.test: holds no test clips/);
    await assert.rejects(readDcase(data, { machines: ["pump"] }), /pump.train: does not exist/);
    assert.equal(
      (await readDcase(data, { machines: ["pump"], require: ["test"] })).clips.length,
      1,
      "blind evaluation data",
    );
    const nameless = await folder("nameless", { [`fan/train/${train}`]: [0], "fan/test/a.wav": [0], "fan/test/b.wav": [0] });
    await assert.rejects(
      readDcase(nameless),
      /holds no test clips \(left out: 2 files, the first because: the name follows no DCASE/,
    );
    await assert.rejects(readDcase(await folder("bare", { "readme.txt": "" })), /holds no machine folder/);
    await assert.rejects(readDcase(join(data, "fan")), /fan: is the folder of one machine\. Give the folder above it/);
  });
});

describe("readClip", () => {
  it("averages channels or takes one, and refuses another rate", async () => {
    const path = join(root, "stereo.wav");
    await writeWav(path, {
      sampleRate: 16000,
      channels: [
        [0.5, 0],
        [0.25, -0.5],
      ],
    });
    assert.deepEqual([...(await readClip({ path }))], [0.375, -0.25]);
    assert.deepEqual([...(await readClip({ path }, { channel: 1 }))], [0.25, -0.5]);
    await assert.rejects(readClip({ path }, { channel: 2 }), /has 2 channels, no channel 2/);
    await assert.rejects(readClip({ path }, { sampleRate: 8000 }), /has 16000 Hz, expected 8000 Hz/);
    assert.equal((await readClip({ path }, { sampleRate: 8000, otherRate: "resample" })).length, 1);
  });

  it("stops between clips when asked to", async () => {
    const { clips } = await readDcase(join(root, "plain"));
    const controller = new AbortController();
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const { clip } of readClips(clips, { signal: controller.signal })) {
        seen.push(clip.id);
        controller.abort();
      }
    }, /Interrupted/);
    assert.equal(seen.length, 1);
  });
});

describe("checkDcase", () => {
  it("finds cut files, other rates, stereo and clips of another length, and goes on", async () => {
    const name = (number: number): string => `fan/train/section_00_source_train_normal_000${number}.wav`;
    const data = await folder("unwell", {
      [name(0)]: [0, 0],
      [name(1)]: [0, 0],
      [name(2)]: [0, 0],
      [name(3)]: [0],
      [name(4)]: "RIFF",
      [`fan/test/${test}`]: [0, 0],
    });
    await writeWav(join(data, name(1)), { sampleRate: 8000, channels: [[0]] });
    await writeWav(join(data, name(2)), {
      sampleRate: 16000,
      channels: [
        [0, 0],
        [0, 0],
      ],
    });
    const { machines, problems, clips } = await checkDcase(data);
    assert.equal(clips, 6);
    assert.deepEqual(machines[0].groups, [
      { split: "train", domain: "source", label: "normal", clips: 5 },
      { split: "test", domain: "target", label: "anomaly", clips: 1 },
    ]);
    assert.deepEqual(machines[0].seconds, { shortest: 1 / 16000, longest: 2 / 16000 });
    assert.deepEqual(
      problems.map(({ code, path }) => `${code} ${path}`),
      [`sample-rate ${name(1)}`, `channels ${name(2)}`, `unreadable ${name(4)}`, `length ${name(3)}`],
    );
  });
});
