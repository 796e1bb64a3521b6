import { sha256, sha256Folder } from "../../core/index.js";
import type { GeneratedMark } from "./mark.js";

/** Identifies a data folder by content: by its mark's list of hashes when Folio made it, else by reading every file. */
export async function dataIdentity({ root, generated }: { readonly root: string; readonly generated?: GeneratedMark }): Promise<string> {
  return generated?.complete ? sha256(generated.files) : sha256Folder(root);
}
