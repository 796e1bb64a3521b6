import { join } from "node:path";
import { canonicalJson, sha256 } from "../../core/index.js";

/** Where a demo keeps the model it trained itself. Other settings or data, such as an older Folio's, have a folder of their own, so an upgrade trains anew instead of being refused. */
export const ownRunFolder = (cwd: string, method: string, madeFrom: { readonly config: object; readonly data: string }): string =>
  join(cwd, ".folio", "demo", `${method}-${sha256(canonicalJson(madeFrom)).slice(0, 8)}`);
