import type { ExportedNetwork, TensorFlow } from "../nn/index.js";

/** Builds the network of a run folder, its trained weights in place. */
type ExportRun = (tf: TensorFlow, folder: string) => Promise<ExportedNetwork>;

/** `folio weights export`: one entry a method, loaded only when a run of it is given. */
export const runExports: Readonly<Record<string, ExportRun>> = {
  astra: async (tf, folder) => (await import("../methods/astra/index.js")).exportAstraRun(tf, folder),
  aespa: async (tf, folder) => (await import("../methods/aespa/index.js")).exportAespaRun(tf, folder),
  asmr: async (tf, folder) => (await import("../methods/asmr/index.js")).exportAsmrRun(tf, folder),
  rasalore: async (tf, folder) => (await import("../methods/rasalore/index.js")).exportRasaloreRun(tf, folder),
};
