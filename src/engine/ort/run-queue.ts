/** Work that runs one after the other, in the order it was asked for, whether or not what went before succeeded. */
export class RunQueue {
  #last: Promise<unknown> = Promise.resolve();

  add<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** When everything asked for so far is over. Never rejects. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
