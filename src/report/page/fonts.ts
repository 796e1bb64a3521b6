import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

interface Face {
  readonly family: string;
  readonly package: string;
  readonly file: string;
  readonly weight: string;
  readonly style: "normal" | "italic";
  /** Only the characters this file holds, so that a page without them does not load it. */
  readonly range?: string;
}

const latin = "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD";
const greek = "U+0370-0377,U+037A-037F,U+0384-038A,U+038C,U+038E-03A1,U+03A3-03FF";

const serif = { family: "Source Serif 4", package: "@fontsource/source-serif-4" } as const;
// Source Sans 3 under the name that the figures ask for.
const sans = { family: "FolioSans", package: "@fontsource/source-sans-3" } as const;

// One file a weight, not the variable fonts: a PDF can embed only these as they are.
const text: readonly Face[] = [
  ...face(serif, "latin", latin, ["400", "700"]),
  ...face(serif, "latin", latin, ["400"], "italic"),
  ...face(sans, "latin", latin, ["400", "600", "700"]),
  ...face(sans, "latin", latin, ["400"], "italic"),
];

const greekFaces: readonly Face[] = [...face(serif, "greek", greek, ["400"]), ...face(sans, "greek", greek, ["400"])];

const math: Face = { family: "Noto Sans Math", package: "@fontsource/noto-sans-math", file: "noto-sans-math-latin-400-normal.woff2", weight: "400", style: "normal" };

/** `@font-face` rules with the fonts inside; Greek and mathematics only where the text has them. */
export async function fontStyle(pageText: string): Promise<string> {
  const needsGreek = /[\u0370-\u03ff]/.test(pageText);
  const needsMath = pageText.includes("<math") || /[\u2190-\u22ff\u27c0-\u2aff]/.test(pageText.replaceAll(/[\u2191\u2193\u2212\u2215]/g, ""));
  const faces = [...text, ...(needsGreek ? greekFaces : []), ...(needsMath ? [math] : [])];
  return (await Promise.all(faces.map(rule))).join("\n");
}

async function rule({ family, package: name, file, weight, style, range }: Face): Promise<string> {
  const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  const data = (await readFile(join(folder, "files", file))).toString("base64");
  const only = range === undefined ? "" : `unicode-range:${range};`;
  return `@font-face{font-family:"${family}";font-style:${style};font-weight:${weight};font-display:block;${only}src:url(data:font/woff2;base64,${data}) format("woff2")}`;
}

function face(font: typeof serif | typeof sans, subset: string, range: string, weights: readonly string[], style: Face["style"] = "normal"): Face[] {
  return weights.map((weight) => ({ ...font, file: `${font.package.split("/")[1]}-${subset}-${weight}-${style}.woff2`, weight, style, range }));
}
