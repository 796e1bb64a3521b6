import { show, UsageError } from "./errors.js";

/**
 * Settings with single ones changed by their path, as `--set training.epochs=20` does. Only what is there can be changed, and a
 * setting keeps its type, except one that is null.
 * @param mixed paths of settings that take values of several types, such as `"all"` or a number
 * @throws UsageError naming the path and what there is
 * @example withSettings({ training: { epochs: 12, schedule: "halved" } }, { "training.epochs": 20 }) // epochs 20
 */
export function withSettings<Settings extends object>(settings: Settings, changes: Readonly<Record<string, unknown>>, mixed: readonly string[] = []): Settings {
  return Object.entries(changes).reduce((all, [path, value]) => changed(all, path.split("."), value, path, mixed.includes(path)) as Settings, settings);
}

function changed(settings: object, [name, ...rest]: readonly string[], value: unknown, path: string, mixed: boolean): object {
  if (!Object.hasOwn(settings, name)) throw new UsageError(`There is no setting ${path}; ${name} is none of ${Object.keys(settings).join(", ")}.`);
  const before = (settings as Record<string, unknown>)[name];
  if (rest.length > 0 && typeof before === "object" && before !== null && !Array.isArray(before)) return { ...settings, [name]: changed(before, rest, value, path, mixed) };
  const kind = (one: unknown): string => (one === null ? "null" : Array.isArray(one) ? "list" : typeof one);
  if (rest.length > 0 || kind(before) === "object") throw new UsageError(`${path} is no single setting.`);
  if (!mixed && before !== null && kind(value) !== kind(before)) throw new UsageError(`${path} must be a ${kind(before)} like ${show(before)}, but is ${show(value)}.`);
  return { ...settings, [name]: value };
}
