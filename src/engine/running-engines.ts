import type { RunningBackend, StartOptions } from "./backend.js";
import type { EngineName, TensorFlow } from "./engine.js";
import { EngineUnavailable } from "./errors.js";

interface Running {
  readonly settings: string;
  /** The backend, and what TensorFlow.js calls it. */
  readonly started: Promise<{ readonly backend: RunningBackend; readonly name: string }>;
  users: number;
}

/**
 * The engines that run in this process. TensorFlow.js has one backend of a name, so whoever opens an engine again – a notebook's
 * cell that is run twice – shares it, and the last to close it ends it.
 */
export class RunningEngines {
  readonly #running = new Map<EngineName, Running>();

  /** @throws EngineUnavailable when it runs with other settings */
  async open(tf: TensorFlow, engine: EngineName, options: StartOptions, start: () => Promise<RunningBackend>): Promise<RunningBackend> {
    const settings = JSON.stringify(options);
    let running = this.#running.get(engine);
    if (running === undefined) {
      const started = start().then((backend) => ({ backend, name: tf.getBackend() }));
      started.catch(() => this.#running.delete(engine));
      running = { settings, started, users: 0 };
      this.#running.set(engine, running);
    }
    if (running.settings !== settings)
      throw new EngineUnavailable(engine, `it is open with other settings (${running.settings}, now ${settings})`, "Close that one first: await engine.close().");
    running.users++;
    const { backend, name } = await running.started;
    await tf.setBackend(name);
    return { ...backend, close: this.#closing(engine, running, backend) };
  }

  #closing(engine: EngineName, running: Running, backend: RunningBackend): () => Promise<void> {
    let closed = false;
    return async () => {
      if (closed) return;
      closed = true;
      running.users--;
      if (running.users > 0) return;
      this.#running.delete(engine);
      await backend.close();
    };
  }
}
