import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompressSync } from "node:zlib";

const run = promisify(execFile);

// SwiftShader, a Vulkan driver that computes on the processor, comes inside @sparticuz/chromium (Linux x64).
async function unpackSwiftShader(folder: string): Promise<void> {
  const archive = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..", "..", "bin", "swiftshader.tar.br");
  await writeFile(join(folder, "swiftshader.tar"), brotliDecompressSync(readFileSync(archive)));
  await run("tar", ["-xf", "swiftshader.tar"], { cwd: folder });
}

const supported = process.platform === "linux" && process.arch === "x64";

describe("ort-webgpu on SwiftShader", { skip: supported ? false : "SwiftShader comes with npm for Linux x64 only" }, () => {
  it("passes every case that the other engines pass", async () => {
    const folder = await mkdtemp(join(tmpdir(), "folio-swiftshader-"));
    try {
      await unpackSwiftShader(folder);
      const env = {
        ...process.env,
        LD_LIBRARY_PATH: folder,
        VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json"),
        NODE_TEST_CONTEXT: undefined,
      };
      const cases = fileURLToPath(new URL("webgpu.cases.js", import.meta.url));
      const { stdout } = await run(process.execPath, ["--test", "--test-reporter=tap", cases], { env, maxBuffer: 2 ** 26 }).catch(
        (error: { stdout: string }) => error,
      );
      const failures = stdout.split("\n").filter((line) => /^\s*not ok/.test(line));
      assert.deepEqual(failures, []);
      assert.match(stdout, /^# pass 3\d\d$/m);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
