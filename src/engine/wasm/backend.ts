import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import type { Backend, RunningBackend } from "../backend.js";
import type { TensorFlow } from "../engine.js";
import { importCommonJs } from "../tfjs.js";
import { registerWasmKernels } from "./kernels.js";

type WasmPackage = typeof import("@tensorflow/tfjs-backend-wasm");

const require = createRequire(import.meta.url);

/**
 * TensorFlow.js's own WebAssembly backend, with SIMD where Node has it, plus the training kernels it lacks.
 * One thread: upstream switches threads off in Node, and forcing them on leaves the process hanging at its end.
 */
export const wasmBackend: Backend = {
  name: "wasm",
  probe: async () => {
    try {
      binaries();
      return { available: true, device: `WebAssembly${hasSimd() ? " SIMD" : ""}, 1 thread` };
    } catch (error) {
      return {
        available: false,
        why: `@tensorflow/tfjs-backend-wasm cannot be found (${(error as Error).message})`,
        remedy: "Run npm ci.",
      };
    }
  },
  start: async (tf) => {
    const wasm = await importCommonJs<WasmPackage>(import("@tensorflow/tfjs-backend-wasm"));
    wasm.setWasmPaths(binaries());
    registerWasmKernels(tf);
    await tf.setBackend("wasm");
    await tf.ready();
    return running(tf, wasm);
  },
};

function running(tf: TensorFlow, wasm: WasmPackage): RunningBackend {
  const simd = tf.env().getBool("WASM_HAS_SIMD_SUPPORT");
  return {
    device: `WebAssembly${simd ? " SIMD" : ""}, 1 thread`,
    state: "on the processor",
    versions: { "tfjs-backend-wasm": wasm.version_wasm },
    close: async () => {
      const factory = tf.findBackendFactory("wasm");
      tf.removeBackend("wasm");
      tf.registerBackend("wasm", factory, 2);
    },
  };
}

/** The folder of the .wasm files, from the package itself: works offline and from any working directory. */
function binaries(): string {
  return join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist") + sep;
}

/** Whether Node compiles a function of one SIMD instruction, `i8x16.splat` (the test of wasm-feature-detect). */
function hasSimd(): boolean {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const typeSection = [1, 5, 1, 0x60, 0, 1, 0x7b]; // () → v128
  const functionSection = [3, 2, 1, 0];
  const codeSection = [10, 10, 1, 8, 0, 0x41, 0, 0xfd, 15, 0xfd, 98, 11]; // i32.const 0, i8x16.splat, i8x16.popcnt
  return WebAssembly.validate(Uint8Array.from([...header, ...typeSection, ...functionSection, ...codeSection]));
}
