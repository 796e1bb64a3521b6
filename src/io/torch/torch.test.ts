import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { BadFile, FolioError, packageRoot, seededRandom } from "../../core/index.js";
import { openTorch, readTorch, type TorchFile } from "./torch.js";

interface Golden {
  readonly torch: string;
  readonly cases: readonly { name: string; file: string; tensors: Readonly<Record<string, GoldenTensor>> }[];
  readonly refused: readonly { name: string; file: string; global?: string | null; problem?: string }[];
}
interface GoldenTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | string | boolean)[];
}

const read = async (name: string): Promise<Golden> => JSON.parse(await readFile(join(packageRoot, "tests", "golden", name), "utf8")) as Golden;
const golden = await read("torch_files.json");
/** PyTorch 2: other flags of the ZIP, a record of the byte order, NumPy 2's names. */
const golden2 = await read("torch2_files.json");
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-torch-"));
});
after(() => rm(folder, { recursive: true }));

const bytesOf = (name: string): Buffer =>
  Buffer.from([...golden.cases, ...golden.refused].find((item) => item.name === name)!.file, "base64");

async function saved(bytes: Uint8Array, name = "a.pt"): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const opened = async (name: string): Promise<TorchFile> => openTorch(await saved(bytesOf(name)));

/** A golden value as the array that Folio hands out holds it. */
function same(actual: number | bigint, expected: number | string | boolean, dtype: string): boolean {
  if (typeof actual === "bigint") return actual === BigInt(expected);
  const number = typeof expected === "string" ? { nan: NaN, inf: Infinity, "-inf": -Infinity }[expected]! : Number(expected);
  return Object.is(actual, dtype === "float32" ? Math.fround(number) : number);
}

for (const { torch, cases } of [golden, golden2]) describe(`what PyTorch ${torch} saved`, () => {
  for (const { name, file, tensors } of cases) {
    it(name, async () => {
      const read = await readTorch(await saved(Buffer.from(file, "base64")));
      const constants = [...read.keys()].filter((key) => key.startsWith("constants."));
      assert.deepEqual([...read.keys()].filter((key) => !constants.includes(key)).sort(), Object.keys(tensors).sort());
      for (const [key, { dtype, shape, values }] of Object.entries(tensors)) {
        const tensor = read.get(key)!;
        assert.equal(tensor.dtype, dtype, key);
        assert.deepEqual(tensor.shape, shape, key);
        assert.equal(tensor.data.length, values.length, key);
        values.forEach((value, i) =>
          assert.ok(same(tensor.data[i], value, dtype), `${key}[${i}]: ${tensor.data[i]} is not ${value}`),
        );
      }
    });
  }

});

describe("a checkpoint", () => {
  it("lists names, shapes and types before it reads a number", async () => {
    const { format, tensors } = await opened("every dtype, legacy");
    assert.equal(format, "torch-legacy");
    assert.deepEqual(tensors.slice(0, 3), [
      { name: "float32", dtype: "float32", shape: [2, 3], bytes: 24 },
      { name: "float64", dtype: "float64", shape: [2, 3], bytes: 48 },
      { name: "float16", dtype: "float16", shape: [2, 3], bytes: 12 },
    ]);
  });

  for (const form of ["zip, protocol 2", "zip, protocol 5", "legacy"]) {
    it(`keeps what stands beside the tensors: ${form}`, async () => {
      const { values } = await opened(`training checkpoint, ${form}`);
      const wanted = {
        epoch: 12,
        big: "1180591620717411303424",
        seen: 70000,
        rate: 0.125,
        done: true,
        best: null,
        name: "müller",
        "size.1": 3,
        device: "cuda:1",
        dtype: "torch.float16",
        "history.1.0": 2,
        "ordered.b.1": -1,
      };
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((key) => [key, values.get(key)])), wanted);
    });
  }

  for (const [form, { torch, cases }] of ["zip", "legacy"].flatMap((form) => [golden, golden2].map((from) => [form, from] as const))) {
    it(`reads NumPy's arrays and scalars as their numbers: ${form} of PyTorch ${torch}`, async () => {
      const { values } = await openTorch(await saved(Buffer.from(cases.find(({ name }) => name === `arrays of NumPy, ${form}`)!.file, "base64")));
      const table = Array.from({ length: 6 }, (_, i) => values.get(`table.${i}`));
      assert.deepEqual([values.get("weights.0"), values.get("weights.1"), values.get("score"), values.get("flags.0"), values.get("flags.1")], [0.25, 0.75, 0.5, 1, 0]);
      assert.deepEqual(table, [0, 1, 2, 3, 4, 5]);
    });
  }

  it("says which tensors share their numbers", async () => {
    assert.deepEqual((await opened("strided, zip, protocol 2")).shared, [
      ["base", "transposed", "window", "steps", "expanded"],
    ]);
    assert.deepEqual((await opened("every dtype, legacy")).shared, []);
  });

  it("finds the constants of a TorchScript archive beside its parameters", async () => {
    const file = await opened("TorchScript");
    assert.equal(file.format, "torchscript");
    const { name } = file.tensors.find((tensor) => tensor.name.startsWith("constants."))!;
    assert.deepEqual([...(await file.read(name)).data], [1, 2]);
  });
});

describe("what is not plain data", () => {
  for (const { torch, name, file, global = null, problem } of [golden, golden2].flatMap((from) => from.refused.map((each) => ({ ...each, torch: from.torch })))) {
    it(`${name}, PyTorch ${torch}`, async () => {
      const path = await saved(Buffer.from(file, "base64"));
      if (problem !== undefined) return assert.rejects(openTorch(path), { code: "corrupt-data", message: new RegExp(problem) });
      await assert.rejects(openTorch(path), (error: BadFile) => {
        assert.equal(error.code, global === null ? "unknown-format" : "refused-global");
        assert.match(
          error.message,
          global === null ? /is not what torch.save writes/ : new RegExp(`asks for ${global.replaceAll(".", "\\.")}, `),
        );
        return true;
      });
    });
  }
});

/** A legacy file around a pickle, with no storages. */
const legacy = (pickle: string): Buffer =>
  Buffer.concat([
    Buffer.from("80028a0a6cfc9c46f9206aa850192e80024de9032e80027d2e", "hex"),
    Buffer.from(pickle, "latin1"),
    Buffer.from("\x80\x02].", "latin1"),
  ]);

describe("hostile pickles", () => {
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    [
      "a name of the builtins",
      "\x80\x02c__builtin__\neval\nX\x01\x00\x00\x001\x85R.",
      "refused-global",
      /asks for __builtin__\.eval,/,
    ],
    [
      "a name put together on the stack",
      "\x80\x04\x8c\x05posix\x8c\x06system\x93.",
      "refused-global",
      /asks for posix\.system,/,
    ],
    [
      "a path through an allowed module",
      "\x80\x04\x8c\x0ctorch._utils\x8c\x07os.path\x93.",
      "refused-global",
      /torch\._utils\.os\.path/,
    ],
    ["a TorchScript class outside TorchScript", "\x80\x02c__torch__\nNet\n)\x81.", "refused-global", /__torch__\.Net/],
    ["a name with a line feed in it", "\x80\x04\x8c\x02o\n\x8c\x01a\x93.", "refused-global", /"o\\n\.a"/],
    ["complex numbers", "\x80\x02ctorch\nComplexFloatStorage\n.", "unsupported", /torch\.ComplexFloatStorage/],
    ["a call of a storage class", "\x80\x02ctorch\nFloatStorage\n)R.", "corrupt-data", /calls torch\.FloatStorage/],
    ["a call of a text", "\x80\x02X\x01\x00\x00\x00a)R.", "corrupt-data", /calls what is no function/],
    ["an empty stack", "\x80\x020.", "corrupt-data", /takes a value that is not there/],
    ["no mark", "\x80\x02t.", "corrupt-data", /takes a mark that is not there/],
    ["a memo never kept", "\x80\x02h\x07.", "corrupt-data", /recalls a value it never kept/],
    ["a list that holds itself", "\x80\x02]q\x00h\x00a.", "unsupported", /nests more than 100 levels deep/],
    [
      "lists of lists of lists",
      `\x80\x02]${`q\x00]${"h\x00a".repeat(10)}`.repeat(7)}.`,
      "unsupported",
      /holds more than 2000000 values/,
    ],
    ["a text longer than the file", "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.", "truncated-file", /ends too early/],
    ["protocol 0", "I1\n.", "unsupported", /instruction 0x49/],
    ["an unknown protocol", "\x80\x09N.", "unsupported", /protocol 9/],
    ["a tensor of nothing", "\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.", "corrupt-data", /describes a tensor wrongly/],
    [
      "names that grow",
      `\x80\x02}q\x00X\xff\x1f\x00\x00${"a".repeat(8191)}q\x01h\x00s.`,
      "unsupported",
      /more than 4096 characters|levels deep/,
    ],
  ];
  for (const [name, pickle, code, message] of cases) {
    it(name, async () => {
      await assert.rejects(openTorch(await saved(legacy(pickle))), (error: BadFile) => {
        assert.match(error.message, message);
        assert.equal(error.code, code);
        return true;
      });
    });
  }

  const tensor = (storage: string, rest: string): string =>
    `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(${storage}${rest}tR.`;
  const four = "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04NtQ";

  it("a tensor beyond its storage", async () => {
    await assert.rejects(
      openTorch(await saved(legacy(tensor(four, "K\x03K\x02\x85K\x01\x85")))),
      /ends at number 5 of a storage of 4/,
    );
  });

  it("a tensor of more numbers than there are", async () => {
    const huge = "K\x00(J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7ft(K\x00K\x00K\x00t";
    await assert.rejects(
      openTorch(await saved(legacy(tensor(four, huge)))),
      /holds a tensor of shape \[2147483647, 2147483647, 2147483647\]/,
    );
  });

  it("an expanded tensor is refused before memory is taken", async () => {
    const pickle = tensor(four, "K\x00J\xff\xff\xff\x0f\x85K\x00\x85"); // 2^28 − 1 times the same number
    const storages = Buffer.from("\x80\x02]X\x01\x00\x00\x000a.\x04\x00\x00\x00\x00\x00\x00\x00................", "latin1");
    const file = await openTorch(await saved(Buffer.concat([legacy(pickle).subarray(0, -4), storages])));
    assert.deepEqual(file.tensors, [{ name: "", dtype: "float32", shape: [2 ** 28 - 1], bytes: 2 ** 30 - 4 }]);
    await assert.rejects(file.read(""), { code: "too-large" });
  });

  it("all tensors together are held against the limit before one is read", async () => {
    const path = await saved(bytesOf("strided, zip, protocol 2"));
    await assert.rejects(readTorch(path, { maxBytes: 200 }), { code: "too-large" });
    assert.equal((await (await openTorch(path, { maxBytes: 200 })).read("base")).data.length, 24);
  });
});

describe("whatever is done to a file, the answer is tensors or one line", () => {
  for (const name of [
    "training checkpoint, zip, protocol 2",
    "training checkpoint, zip, protocol 5",
    "strided, legacy",
    "TorchScript",
  ]) {
    it(name, async () => {
      const random = seededRandom(2026).stream("torch").stream(name);
      const whole = bytesOf(name);
      let [refused, slowest] = [0, 0];
      for (let trial = 0; trial < 400; trial++) {
        const bytes = Buffer.from(whole);
        for (let change = random.integer(4); change >= 0; change--) {
          const at = random.integer(bytes.length);
          if (random.chance(0.5)) bytes[at] ^= 1 << random.integer(8);
          else bytes[at] = random.pick([0, 0x28, 0x29, 0x2e, 0x52, 0x62, 0x63, 0x7f, 0x80, 0x81, 0x93, 0xff]);
        }
        const path = await saved(random.chance(0.2) ? bytes.subarray(0, random.integer(bytes.length)) : bytes, "fuzz.pt");
        const started = performance.now();
        try {
          await readTorch(path);
        } catch (error) {
          assert.ok(error instanceof FolioError, `trial ${trial}: ${error instanceof Error ? error.stack : String(error)}`);
          assert.match(error.message, /^[^\n]{20,600}$/, `trial ${trial}`);
          refused++;
        }
        slowest = Math.max(slowest, performance.now() - started);
      }
      assert.ok(refused >= 40, `only ${refused} were refused: the damage is too mild to prove anything`);
      assert.ok(slowest < 5000, `the slowest took ${slowest} ms`);
    });
  }
});
