import { Graph } from "./graph.js";
import { encodeModel } from "./onnx/model.js";
import type { OrtTensor, Runtime, Session, SessionOptions, TensorMap } from "./runtime.js";
import type { Numbers } from "./value.js";

/**
 * Tensors in the memory of a GPU: ONNX Runtime gives an output there as a handle and takes it as an input again, so
 * weights stay where they are from step to step. What its binding for Node (1.30) does not do is done here. Its download
 * (`getData`) is not implemented and ends the process, so numbers come back through a graph that copies its input; arrays go
 * to the GPU the same way. And a tensor freed after the session that made it ends the process, too, so a session is let go of
 * once all of its tensors are. Nor does a run that leaves outputs on the GPU write into arrays it is given.
 */
export class DeviceMemory {
  /** What moved between the processor and the GPU so far, and the tensors that are there. */
  readonly counters = { bytesToDevice: 0, bytesFromDevice: 0, tensorsOnDevice: 0 };
  /** The runtime whose sessions wait for their tensors. */
  readonly runtime: Runtime;
  readonly #alive = new Set<OrtTensor>();
  readonly #copies = new Map<string, Session>();

  constructor(
    runtime: Runtime,
    readonly options: SessionOptions,
  ) {
    this.runtime = { ...runtime, compile: (...given) => this.#waiting(runtime.compile(...given)) };
  }

  /** The same numbers in the memory of the GPU. */
  upload(tensor: OrtTensor): OrtTensor {
    return this.#copy(tensor, true);
  }

  download(tensor: OrtTensor): Numbers {
    return this.#copy(tensor, false).data as Numbers;
  }

  /** Frees every tensor there is. */
  clear(): void {
    for (const tensor of this.#alive) tensor.dispose();
    for (const session of this.#copies.values()) session.dispose();
    this.#copies.clear();
  }

  #copy(x: OrtTensor, toDevice: boolean): OrtTensor {
    const type = x.type as "float32";
    const key = `${type} ${toDevice}`;
    let session = this.#copies.get(key);
    if (session === undefined) {
      const model = encodeModel(new Graph(this.options.provider).finish([{ name: "x", type }], [{ name: "y", type, source: "x" }]));
      session = this.runtime.compile(model, { ...this.options, onDevice: toDevice ? ["y"] : [] });
      this.#copies.set(key, session);
    }
    return (session.run({ x }, { y: null }) as TensorMap).y;
  }

  #waiting(session: Session): Session {
    let alive = 0;
    let unwanted = false;
    const watch = (tensor: OrtTensor): void => {
      const dispose = tensor.dispose.bind(tensor);
      this.#alive.add(tensor);
      this.counters.tensorsOnDevice++;
      alive++;
      tensor.dispose = () => {
        if (!this.#alive.delete(tensor)) return;
        dispose();
        this.counters.tensorsOnDevice--;
        alive--;
        if (unwanted && alive === 0) session.dispose();
      };
    };
    return {
      run: (feeds, fetches) => {
        const results = session.run(feeds, fetches) as TensorMap;
        this.#count("bytesToDevice", feeds);
        this.#count("bytesFromDevice", results);
        for (const tensor of Object.values(results)) if (isOnDevice(tensor)) watch(tensor);
        return results;
      },
      dispose: () => {
        unwanted = true;
        if (alive === 0) session.dispose();
      },
    };
  }

  #count(way: "bytesToDevice" | "bytesFromDevice", tensors: TensorMap): void {
    for (const tensor of Object.values(tensors)) if (!isOnDevice(tensor)) this.counters[way] += (tensor.data as Float32Array).byteLength;
  }
}

export const isOnDevice = ({ location }: OrtTensor): boolean => location === "gpu-buffer";
