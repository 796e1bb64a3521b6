import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Command } from "commander";
import { packageRoot, silent } from "../core/index.js";
import { folioProgram } from "./run.js";

const unread = { write: () => true };
const program = folioProgram({ stdout: unread, stderr: unread, cwd: packageRoot, env: {}, progress: silent, signal: new AbortController().signal });

/** Every `folio …` that the text tells a reader to type: lines of code blocks and code in a sentence. */
function commandLines(text: string): string[] {
  const code = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].flatMap(([, block]) => block.split("\n"));
  const inline = [...text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/`([^`\n]+)`/g)].map(([, words]) => words);
  return [...code, ...inline]
    .flatMap((line) => line.replace(/\s+#.*/, "").split(/ && | \| |;/))
    .map((line) => /^\s*(?:\$ |! ?|for .* do )?(?:npx )?folio( .*)$/.exec(line)?.[1].trim())
    .filter((line) => line !== undefined);
}

/** What is wrong with the line: a command or an option that there is not. `a|b` and METHOD stand for any of several. */
function problem(line: string): string | undefined {
  const words = line.split(/[\s[\]]+/).filter(Boolean);
  let commands: Command[] = [program];
  for (const word of words) {
    if (word.startsWith("-")) break;
    if (commands.every((command) => command.commands.length === 0)) break;
    const found = word.split("|").map((name) => commands.flatMap((command) => command.commands.filter((sub) => /^[A-Z]+$/.test(name) || sub.name() === name)));
    // `report` takes a name, and has the sub-command `new`.
    if (found[0].length === 0 && commands.every(({ registeredArguments }) => registeredArguments.length > 0)) break;
    if (found.some((subs) => subs.length === 0)) return `no command "${word}"`;
    commands = found.flat();
  }
  const known = new Set([...commands, program].flatMap(({ options }) => options.flatMap(({ long, short }) => [long, short])).concat("--help", "-h"));
  const wrong = words.flatMap((word) => word.split("|")).find((word) => /^--?[a-z]/.test(word) && !known.has(word.split("=")[0].replace(/[,.:)]$/, "")));
  return wrong && `no option ${wrong}`;
}

function documents(): { name: string; text: string }[] {
  const read = (name: string) => ({ name, text: readFileSync(join(packageRoot, name), "utf8") });
  const inside = (folder: string, end: string) => readdirSync(join(packageRoot, folder)).filter((name) => name.endsWith(end)).map((name) => `${folder}/${name}`);
  const pages = ["README.md", "data/README.md", "reports/README.md", ...inside("docs", ".md"), ...inside("data/cards", ".md"), ...inside("bench/results", ".md")].map(read);
  const notebooks = inside("notebooks", ".ipynb").map((name) => {
    const { cells } = JSON.parse(read(name).text) as { cells: { cell_type: string; source: string | string[] }[] };
    return { name, text: cells.filter(({ cell_type }) => cell_type === "markdown").map(({ source }) => [source].flat().join("")).join("\n\n") };
  });
  return [...pages, ...notebooks];
}

/** The examples under `--help`, by command. */
function helpTexts(command: Command, parents = ""): { name: string; text: string }[] {
  const name = `${parents}${command.name()} `;
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  const examples = text.slice(text.search(/\nExamples?:/) + 1 || text.length);
  return [{ name: `${name}--help`, text: `\`\`\`\n${examples}\n\`\`\`` }, ...command.commands.flatMap((sub) => helpTexts(sub, name))];
}

describe("commands that the documents and the help name", () => {
  for (const { name, text } of [...documents(), ...helpTexts(program)]) {
    const lines = [...new Set(commandLines(text))];
    if (lines.length === 0) continue;
    it(`are there, in ${name} (${lines.length})`, () => {
      assert.deepEqual(lines.map((line) => [line, problem(line)]).filter(([, what]) => what !== undefined), []);
    });
  }

  it("would be found wrong", () => {
    assert.equal(problem("train astra --date DIR"), "no option --date");
    assert.equal(problem("tarin astra"), 'no command "tarin"');
    assert.equal(problem("weights inspect|twist FILE"), 'no command "inspect|twist"');
    assert.deepEqual(commandLines("Type `npx folio doctor` or\n```sh\nfolio inspect a && folio lab  # both\n```"), ["inspect a", "lab", "doctor"]);
  });
});
