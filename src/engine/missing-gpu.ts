import type { Missing } from "./backend.js";

/** What an engine says where no GPU answers. */
export const noNvidiaGpu: Missing = {
  available: false,
  why: "no NVIDIA GPU was found (nvidia-smi does not answer)",
  remedy: "On a machine that has one, install NVIDIA's driver; everywhere else take ort.",
};

export const noWebgpu: Missing = {
  available: false,
  why: "no GPU answers through WebGPU",
  remedy: "On a machine that has one, install its driver (on Linux libvulkan1 and the vendor's Vulkan driver; macOS and Windows bring theirs); everywhere else take ort.",
};
