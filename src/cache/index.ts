export { contentKey, once, type Step, type StepOutcome } from "./once.js";
