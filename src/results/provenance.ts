import { codeIdentity } from "../core/index.js";
import type { Provenance } from "./record.js";

export interface ProvenanceFacts {
  /** SHA-256 of what went in, by name: the data, the checkpoints. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What ran the kernels, as the engine describes itself. */
  readonly engine: { readonly name: string; readonly device: string };
  readonly startedAt: Date;
}

/** Where numbers come from that are being measured now, by the code that is running. */
export async function provenanceNow({ inputs, engine, startedAt }: ProvenanceFacts): Promise<Provenance> {
  return {
    inputs,
    ...(await codeIdentity()),
    engine: engine.name,
    device: engine.device,
    node: process.versions.node,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
  };
}
