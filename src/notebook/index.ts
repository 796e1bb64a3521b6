export { check, WrongAnswer } from "./check.js";
export { checkNotebook, exercisesIn, type ExerciseCheck } from "./exercises.js";
export { formatNotebook, parseNotebook, readNotebook, writeNotebook } from "./files.js";
export { folioMetadata, hasTag, type Cell, type Notebook, type Output } from "./nbformat.js";
export { BadParameter, parametersOf, withParameters, type Parameter, type ParameterValues } from "./parameters.js";
export { CellFailed, CellTimeout, runNotebook, type NotebookRun, type RunNotebookOptions } from "./run.js";
export { cleanVersion, SolutionLeak, solutionVersion, studentVersion } from "./versions.js";
export { findProblems, type Problem } from "./validate.js";
