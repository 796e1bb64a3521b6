import type { RunningBackend, StartOptions } from "./backend.js";
import type { EngineName, TensorFlow } from "./engine.js";
import { EngineUnavailable } from "./errors.js";

interface Running {
  readonly backend: RunningBackend;
  /** What TensorFlow.js calls it. */
  readonly backendName: string;
  readonly settings: string;
  users: number;
}

/**
 * The engines that run in this process. TensorFlow.js has one backend of a name, so whoever opens an engine again – a notebook's
 * cell that is run twice – shares it, and the last to close it ends it.
 */
export class RunningEngines {
  readonly #running = new Map<EngineName, Running>();

  /** @throws EngineUnavailable when it runs with other settings */
  async open(tf: TensorFlow, name: EngineName, options: StartOptions, start: () => Promise<RunningBackend>): Promise<RunningBackend> {
    const settings = JSON.stringify(options);
    let running = this.#running.get(name);
    if (running === undefined) {
      running = { backend: await start(), backendName: tf.getBackend(), settings, users: 0 };
      this.#running.set(name, running);
    } else if (running.settings !== settings) {
      throw new EngineUnavailable(name, `it is open with other settings (${running.settings}, now ${settings})`, "Close that one first: await engine.close().");
    } else await tf.setBackend(running.backendName);
    return this.#shared(name, running);
  }

  #shared(name: EngineName, running: Running): RunningBackend {
    let closed = false;
    running.users++;
    const close = async (): Promise<void> => {
      if (closed) return;
      closed = true;
      running.users--;
      if (running.users > 0) return;
      this.#running.delete(name);
      await running.backend.close();
    };
    return { ...running.backend, close };
  }
}
