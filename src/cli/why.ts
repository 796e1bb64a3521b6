import type { Change } from "../study/index.js";
import type { Register } from "./commands.js";
import { say, sayJson } from "./shell.js";

export const registerWhy: Register = (folio, shell) => {
  folio
    .command("why")
    .description("Say why a run of a study, or a cell of its notebook, would be done again – or why not.")
    .argument("<what>", "RUN, STUDY/RUN, NOTEBOOK or NOTEBOOK#CELL")
    .option("--all", "list every ingredient of its key")
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nExample:\n  folio why notebooks/01-astra.ipynb#7")
    .action(async (what: string, { all, json }: { all?: boolean; json?: boolean }) => {
      const [{ packageRoot }, { why }] = await Promise.all([import("../core/index.js"), import("../study/index.js")]);
      const found = await why(packageRoot, what);
      if (json) return sayJson(shell, found);
      const name = found.cell === undefined ? found.run : `cell ${found.cell} of ${found.run}`;
      if (found.before === undefined) say(shell, `${name}: would run, because it was never done.`);
      else if (found.changes.length === 0) say(shell, `${name}: would ${found.done || found.cell !== undefined ? "give the same as when it was last done" : "run"}; nothing it depends on has changed.`);
      else say(shell, `${name}: would run again, because of ${found.changes.length} ${found.changes.length === 1 ? "change" : "changes"} since it was last done:`);
      for (const change of found.changes) say(shell, `  ${line(change)}`);
      if (all) for (const [ingredient, value] of Object.entries(found.ingredients)) say(shell, `  ${ingredient}  ${short(value)}`);
    });
};

function line({ ingredient, how, before, now }: Change): string {
  if (how !== "changed") return `${ingredient}: ${how}`;
  return `${ingredient}: ${short(before!)} → ${short(now!)}`;
}

const short = (value: string): string => (/^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value);
