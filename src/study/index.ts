export { buildFivePapers, type FivePapersOptions, type FivePapersOutcome, type Part } from "./five-papers.js";
