import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../core/index.js";
import { protocolVersion, type Fields } from "./message.js";

/** The answer to kernel_info_request. */
export function kernelInfo(): Fields {
  const { version, dependencies } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    version: string;
    dependencies: Record<string, string>;
  };
  return {
    status: "ok",
    protocol_version: protocolVersion,
    implementation: "folio",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: dependencies.typescript,
      mimetype: "text/x-typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", typescript: true },
    },
    banner: `Folio ${version}: TypeScript ${dependencies.typescript} on Node ${process.versions.node}`,
    debugger: true,
    supported_features: ["debugger"],
    help_links: [
      { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
      { text: "TensorFlow.js", url: "https://js.tensorflow.org/api/latest/" },
    ],
  };
}
