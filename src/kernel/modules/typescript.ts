import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformSync } from "oxc-transform";
import { BadFile } from "../../core/index.js";
import { positionOf } from "../compile/position.js";
import { findTsconfig } from "./tsconfig.js";

export const isTypeScript = (url: string): boolean => url.startsWith("file:") && /\.m?ts$/.test(new URL(url).pathname);

/** A local TypeScript file as JavaScript, with its source map inside. */
export function loadTypeScript(url: string): string {
  const file = fileURLToPath(url);
  const source = readFileSync(file, "utf8");
  const { code, map, errors } = transformSync(file, source, {
    lang: "ts",
    sourceType: "module",
    sourcemap: true,
    target: "es2023",
    decorator: { legacy: findTsconfig(fileURLToPath(new URL(".", url))).legacyDecorators },
  });
  const error = errors.find(({ severity }) => severity === "Error");
  if (error !== undefined) {
    const { line } = positionOf(source, error.labels[0]?.start ?? 0);
    throw new BadFile("bad-source", `${file}:${line}`, error.message, "Correct the file and run the cell again.");
  }
  const inline = Buffer.from(JSON.stringify({ ...map, sources: [file] })).toString("base64");
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}`;
}
