import type { Register } from "./commands.js";
import { say, sayJson } from "./shell.js";

/** `folio cache gc` */
export const registerCache: Register = (folio, shell) => {
  const cache = folio.command("cache").description("The store of finished runs and reports in .folio/cache.");
  cache
    .command("gc")
    .description("Remove what no run or report asks for any more; the newest of everything stays.")
    .option("--dry-run", "say what would be removed, and remove nothing")
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nExample:\n  folio cache gc --dry-run")
    .action(async ({ dryRun, json }: { dryRun?: boolean; json?: boolean }) => {
      const [{ packageRoot }, { collectStudies }] = await Promise.all([import("../core/index.js"), import("../study/index.js")]);
      const found = await collectStudies(packageRoot, { dryRun });
      if (json) return sayJson(shell, found);
      const removed = dryRun ? "would be removed" : "removed";
      say(shell, `${found.entries} old results (${found.objects} files, ${megabytes(found.bytes)}) and ${found.folders} working folders (${megabytes(found.folderBytes)}) ${removed}; ${found.keptEntries} results (${megabytes(found.keptBytes)}) stay.`);
    });
};

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
