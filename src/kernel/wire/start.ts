import { openSession } from "../process/session.js";
import { openChannels } from "./channels.js";
import type { ConnectionFile } from "./connection.js";
import { Kernel } from "./kernel.js";
import { noLanguage, type Language } from "../language/language.js";

export interface StartOptions {
  readonly connection: ConnectionFile;
  /** The notebook's folder. */
  readonly folder: string;
  readonly language?: Language;
  /** How long no cell must have run before the type checker is loaded; only when it is asked when absent. */
  readonly warmAfterMs?: number;
}

export interface RunningKernel {
  /** Resolves after shutdown_request has been answered and the ports are free. */
  readonly ended: Promise<void>;
  interrupt(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the kernel on the channels of a connection file. */
export async function startKernel({ connection, folder, language = noLanguage, warmAfterMs }: StartOptions): Promise<RunningKernel> {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  // Requests that arrive while the last sockets are bound wait for the kernel.
  let ready: ((one: Kernel) => void) | undefined;
  const kernel = new Promise<Kernel>((resolve) => (ready = resolve));
  const channels = await openChannels(connection, {
    onRequest: (channel, message) => void kernel.then((one) => one.request(channel, message)),
    onInput: (message) => void kernel.then((one) => one.input(message)),
  });
  const stop = async (): Promise<void> => {
    await (await kernel).close();
    await channels.close();
    end();
  };
  const own = new Kernel({ folder, channels, language, open: openSession, warmAfterMs, onShutdown: () => void stop() });
  ready?.(own);
  return { ended, stop, interrupt: () => own.interrupt() };
}
