export { compileCell, type CompiledCell, type CompileOptions } from "./compile/compile.js";
export { CellSyntaxError } from "./compile/syntax.js";
export { bundle, type MimeBundle } from "./display/bundle.js";
export type { CellEvent, CellResult } from "./execute/events.js";
export { runMagics, type MagicContext } from "./execute/magics.js";
export { Executor, type ExecutorOptions, type RunOptions } from "./execute/executor.js";
export { cellLabel, type CellError, type CellFrame } from "./execute/trace.js";
export { registerModuleHooks } from "./modules/register.js";
export { findTsconfig } from "./modules/tsconfig.js";
export { openSession, RunnerDied, type Session, type SessionOptions } from "./process/session.js";
export { nameOf, nodeAt, nodesAt, parseCell, type Node, type ParsedCell } from "./compile/syntax.js";
export { positionOf, type Position } from "./compile/position.js";
export { readConnectionFile, type ConnectionFile } from "./wire/connection.js";
export { startKernel, type RunningKernel, type StartOptions } from "./wire/start.js";
export {
  installedKernels,
  installKernel,
  kernelsFolder,
  kernelSpec,
  uninstallKernel,
  type Surroundings,
} from "./wire/install.js";
export { openLanguage, type LanguageOptions } from "./language/service.js";
export type { Language } from "./language/language.js";
