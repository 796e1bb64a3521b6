import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompressSync } from "node:zlib";

const run = promisify(execFile);

const supported = process.platform === "linux" && process.arch === "x64";

/** For a test's `skip`: false, or why there is no software GPU here. */
export const noSwiftShader: string | false = supported ? false : "SwiftShader comes with npm for Linux x64 only";

/**
 * Runs a file of cases in a process that finds SwiftShader, the Vulkan driver inside `@sparticuz/chromium` that computes on the
 * processor.
 *
 * @returns Node's report of the cases, in TAP
 */
export async function runOnSwiftShader(cases: URL): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "folio-swiftshader-"));
  try {
    const archive = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..", "..", "bin", "swiftshader.tar.br");
    await writeFile(join(folder, "swiftshader.tar"), brotliDecompressSync(readFileSync(archive)));
    await run("tar", ["-xf", "swiftshader.tar"], { cwd: folder });
    const env = {
      ...process.env,
      LD_LIBRARY_PATH: folder,
      VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json"),
      NODE_TEST_CONTEXT: undefined,
    };
    const args = ["--test", "--test-reporter=tap", fileURLToPath(cases)];
    const { stdout } = await run(process.execPath, args, { env, maxBuffer: 2 ** 26 }).catch((error: { stdout: string }) => error);
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The lines of a TAP report that say a case failed. */
export const failuresOf = (tap: string): string[] => tap.split("\n").filter((line) => /^\s*not ok/.test(line));
