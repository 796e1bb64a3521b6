import { createRequire } from "node:module";
import type { Register } from "./commands.js";
import { say } from "./shell.js";

export const registerEngine: Register = (folio, shell) => {
  const engine = folio.command("engine").description("Get what an engine needs beside npm's packages; folio doctor says which engines are there.");
  engine
    .command("install")
    .description("Fetch ONNX Runtime's CUDA provider for the engine ort-cuda from PyPI, checked against the index's SHA-256.")
    .argument("<what>", "cuda")
    .option("--index <url>", "a package index that speaks PEP 691", "https://pypi.org/simple")
    .addHelpText("after", "\nExample:\n  folio engine install cuda\n  folio doctor")
    .action(async (what: string, { index }: { index: string }) => {
      if (what !== "cuda") {
        const { InvalidValue } = await import("../core/index.js");
        throw new InvalidValue("folio engine install", "what can be installed is cuda", what);
      }
      const { findEngines, installCudaProvider, librariesFolder } = await import("../engine/index.js");
      const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
      const files = await installCudaProvider({ version, folder: librariesFolder(), index, say: (line) => shell.stderr.write(`${line}\n`) });
      for (const file of files) say(shell, `Installed ${file}`);
      const found = (await findEngines()).find(({ name }) => name === "ort-cuda")!;
      say(shell, found.available ? `ort-cuda is ready: ${found.device}` : `ort-cuda is not ready yet: ${found.why}. ${found.remedy}`);
    });
};
