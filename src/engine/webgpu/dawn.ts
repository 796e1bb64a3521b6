import { pathToFileURL } from "node:url";
import { resolvePackage, type ResolvePackage } from "../optional-package.js";

/** What Folio uses of a WebGPU adapter. */
export interface Adapter {
  readonly features: { has(feature: string): boolean };
  readonly limits: Readonly<Record<string, number>>;
  readonly info: AdapterInfo;
  requestDevice(wanted: { requiredFeatures: string[]; requiredLimits: Record<string, number> }): Promise<Device>;
}

export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** True of a driver that computes on the processor, such as SwiftShader. */
  readonly isFallbackAdapter?: boolean;
}

export interface Device {
  /** Called with every mistake and shortage that no error scope catches: the operation then left its result as it was. */
  onuncapturederror: ((event: { readonly error: Error; preventDefault?(): void }) => void) | null;
  /** When the GPU can no longer be used; its reason is "destroyed" after {@link destroy}. */
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  destroy(): void;
}

interface Dawn {
  create(options: readonly string[]): { requestAdapter(options: object): Promise<Adapter | null> };
  readonly globals: Readonly<Record<string, unknown>>;
}

// Dawn's devices do not hold on to what they came from: once that is collected, the process aborts.
const instances: ReturnType<Dawn["create"]>[] = [];

/** Dawn, Chromium's implementation of WebGPU, from the npm package `webgpu`. */
export async function requestAdapter(resolve: ResolvePackage = resolvePackage): Promise<Adapter | null> {
  const { create, globals } = (await import(pathToFileURL(resolve("webgpu")).href)) as Dawn;
  // In a browser WebGPU's classes and constants are global, and TensorFlow.js uses them so.
  for (const [name, value] of Object.entries(globals)) {
    if (name.startsWith("GPU") && !(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  instances.push(create([]));
  return instances.at(-1)!.requestAdapter({ powerPreference: "high-performance" });
}

/** `SwiftShader driver 5.0.0 (google swiftshader)`, as far as the driver says. */
export function adapterName({ vendor, architecture, device, description, isFallbackAdapter }: AdapterInfo): string {
  const maker = [vendor, architecture].filter((word) => word !== "").join(" ");
  const name = description || device;
  const words = name === "" ? maker || "unnamed GPU" : maker === "" ? name : `${name} (${maker})`;
  return isFallbackAdapter === true ? `${words}, a driver that computes on the processor` : words;
}
