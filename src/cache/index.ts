export { contentHasher, type ContentHasher } from "./content-hash.js";
export { codeReader, sourceName, type CodeHashes, type CodeReader } from "./code/closure.js";
export { moduleFacts, type Import, type Names } from "./code/module.js";
export { moduleResolver, type Resolve } from "./code/resolve.js";
export { fulfil, type Step, type StepOutcome } from "./fulfil.js";
export { takeLock, tryLock, withLock, type Lock, type LockOptions } from "./lock.js";
export { collectGarbage, type Collected } from "./store/collect.js";
export { changes, contentKey, type Change, type Entry, type Ingredients, type StoredFile } from "./store/entry.js";
export { openStore, type Store } from "./store/store.js";
