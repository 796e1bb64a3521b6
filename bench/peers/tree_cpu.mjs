// Processor time that this process, its children and theirs have spent, ended ones included once their parent has seen it.
import { readdirSync, readFileSync } from "node:fs";

/** Seconds, or undefined where there is no /proc. */
export function treeCpu(root = process.pid) {
  const names = (() => {
    try {
      return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    } catch {
      return [];
    }
  })();
  if (names.length === 0) return undefined;
  const all = names.flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return [{ pid: Number(pid), parent: Number(fields[1]), ticks: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) }];
    } catch {
      return [];
    }
  });
  const inside = new Set([root]);
  for (let before = 0; before !== inside.size;) {
    before = inside.size;
    for (const { pid, parent } of all) if (inside.has(parent)) inside.add(pid);
  }
  return all.filter(({ pid }) => inside.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) / 100;
}
