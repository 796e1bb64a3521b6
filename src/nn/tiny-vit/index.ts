export { tinySam, tinyVitGrid, type TinyVitConfig } from "./config.js";
export { offsetIndex, planTinyVit, tinyVit, type NormMode, type StagePlan, type TinyVitWeights } from "./tiny-vit.js";
