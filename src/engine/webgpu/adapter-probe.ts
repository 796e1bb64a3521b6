import { adapterName, requestAdapter } from "./dawn.js";

// Run by backend.ts: prints the adapter's name, or nothing when there is none.
const adapter = await requestAdapter();
process.stdout.write(adapter === null ? "" : adapterName(adapter.info));
