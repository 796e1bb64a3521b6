/** A ZeroMQ socket as far as sending goes. */
interface Sender {
  send(frames: Buffer[]): Promise<void>;
}

/**
 * Sends one message after the other. A ZeroMQ socket refuses a send while another waits, and loses it; so each waits for the one
 * before.
 */
export class SendQueue {
  #last: Promise<void> = Promise.resolve();
  readonly #socket: Sender;

  constructor(socket: Sender) {
    this.#socket = socket;
  }

  send(frames: Buffer[]): Promise<void> {
    this.#last = this.#last.then(() => this.#socket.send(frames)).catch(() => {}); // Closed while the kernel shuts down.
    return this.#last;
  }

  /** Resolves when everything handed over so far has been sent. */
  drained(): Promise<void> {
    return this.#last;
  }
}
