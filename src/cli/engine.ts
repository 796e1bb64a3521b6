import { createRequire } from "node:module";
import type { Register } from "./commands.js";
import { say } from "./shell.js";

export const registerEngine: Register = (folio, shell) => {
  const engine = folio.command("engine").description("Get what an engine needs beside npm's packages; folio doctor says which engines are there.");
  engine
    .command("install")
    .description(
      "Build what an engine needs from PyPI, checked against the index's SHA-256: ONNX Runtime's CUDA provider for ort-cuda, TensorFlow for tensorflow and tensorflow-gpu.",
    )
    .argument("<what>", "cuda, tensorflow or tensorflow-gpu")
    .option("--index <url>", "a package index that speaks PEP 691", "https://pypi.org/simple")
    .addHelpText("after", "\nExamples:\n  folio engine install cuda\n  folio engine install tensorflow      needs g++; about 1.2 GB in ~/.cache/folio\n  folio doctor")
    .action(async (what: string, { index }: { index: string }) => {
      const { findEngines, installCudaProvider, installTensorflow, librariesFolder } = await import("../engine/index.js");
      const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
      const request = { index, say: (line: string) => void shell.stderr.write(`${line}\n`) };
      const install: Readonly<Record<string, { readonly engine: string; readonly run: () => Promise<readonly string[]> }>> = {
        cuda: { engine: "ort-cuda", run: () => installCudaProvider({ ...request, version, folder: librariesFolder() }) },
        tensorflow: { engine: "tensorflow", run: async () => [await installTensorflow({ ...request, engine: "tensorflow" })] },
        "tensorflow-gpu": { engine: "tensorflow-gpu", run: async () => [await installTensorflow({ ...request, engine: "tensorflow-gpu" })] },
      };
      const chosen = Object.hasOwn(install, what) ? install[what] : undefined;
      if (chosen === undefined) {
        const { InvalidValue } = await import("../core/index.js");
        throw new InvalidValue("folio engine install", `what can be installed is ${Object.keys(install).join(", ")}`, what);
      }
      for (const path of await chosen.run()) say(shell, `Installed ${path}`);
      const found = (await findEngines()).find(({ name }) => name === chosen.engine)!;
      say(shell, found.available ? `${chosen.engine} is ready: ${found.device}` : `${chosen.engine} is not ready yet: ${found.why}. ${found.remedy}`);
    });
};
