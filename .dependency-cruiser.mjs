// The rooms of Folio and their floors: a room imports only from floors below its own, and through the other room's index.
// `stair: "right"` rooms (kernel → notebook → report) must not know a method or TensorFlow.js.
const floors = [
  ["core"],
  ["io", "signal", "stats"],
  ["results", "figures", "metrics", "cache"],
  ["datasets", "engine", "kernel", "scoring"],
  ["nn", "notebook"],
  ["methods", "report"],
  ["serve", "study"],
  ["cli"],
];
const withoutTensorFlow = ["core", "io", "signal", "stats", "results", "figures", "metrics", "cache", "datasets", "kernel", "scoring", "notebook", "report"];
const rightStair = { kernel: ["datasets", "engine"], notebook: ["datasets", "engine", "nn"], report: ["datasets", "engine", "nn", "methods"] };

const rooms = floors.flat();
const alternatives = (names) => `^src/(${names.join("|")})/`;

const floorRules = floors.flatMap((names, level) =>
  names.map((room) => {
    const above = floors.slice(level).flat().filter((other) => other !== room);
    return {
      name: `floor-of-${room}`,
      severity: "error",
      comment: `src/${room} stands on floor ${level} and may import only from floors below it.`,
      from: { path: `^src/${room}/`, pathNot: "\\.test\\.ts$" },
      to: { path: alternatives([...above, ...(rightStair[room] ?? [])]) },
    };
  }),
);

export default {
  forbidden: [
    ...floorRules,
    { name: "no-circles", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    {
      name: "through-the-door",
      severity: "error",
      comment: "Import another room through its index.ts (a method, a dataset or the display through its own).",
      from: { path: "^src/([^/]+)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/([^/]+)/", pathNot: ["^src/$1/", "^src/[^/]+/index\\.ts$", "^src/methods/[^/]+/index\\.ts$", "^src/kernel/display/index\\.ts$"] },
    },
    {
      name: "no-tensorflow-here",
      severity: "error",
      comment: "Only engine, nn, methods and what stands on them may load TensorFlow.js.",
      from: { path: alternatives(withoutTensorFlow), pathNot: "\\.test\\.ts$" },
      to: { path: "node_modules/@tensorflow/" },
    },
    { name: "known-room", severity: "error", from: { path: "^src/", pathNot: alternatives(rooms) }, to: {} },
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
