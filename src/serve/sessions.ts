import { randomBytes } from "node:crypto";
import type { Demo } from "./demo.js";
import { Refused } from "./refused.js";

/** Users beyond this many push out the one who was quiet longest. */
const most = 32;

/** After so long without a word a user is gone. */
const idleMs = 4 * 3600 * 1000;

interface Session<State> {
  readonly state: State;
  lastUsed: number;
}

/**
 * What each browser tab has, by a name that cannot be guessed. The page sends the name in a header of its own, which no
 * other site's page can do without being asked first, so no cookies are needed.
 */
export class Sessions<State> {
  readonly #sessions = new Map<string, Session<State>>();

  constructor(
    private readonly demo: Pick<Demo<State>, "begin" | "end">,
    private readonly now: () => number = Date.now,
  ) {}

  get size(): number {
    return this.#sessions.size;
  }

  async begin(): Promise<string> {
    this.#sweep();
    const id = randomBytes(18).toString("base64url");
    this.#sessions.set(id, { state: await this.demo.begin(), lastUsed: this.now() });
    return id;
  }

  /** @throws Refused 410 when there is no such user, or no longer */
  find(id: unknown): State {
    const session = typeof id === "string" ? this.#sessions.get(id) : undefined;
    if (session === undefined) throw new Refused(410, "session-lost", "This page is no longer known here. Load it again.");
    session.lastUsed = this.now();
    return session.state;
  }

  end(id: unknown): void {
    const session = typeof id === "string" ? this.#sessions.get(id) : undefined;
    if (session === undefined) return;
    this.#sessions.delete(id as string);
    this.demo.end?.(session.state);
  }

  endAll(): void {
    for (const id of this.#sessions.keys()) this.end(id);
  }

  /** Makes room for one more. */
  #sweep(): void {
    const oldestFirst = [...this.#sessions].sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    const crowd = oldestFirst.length - most + 1;
    for (const [i, [id, { lastUsed }]] of oldestFirst.entries()) if (i < crowd || this.now() - lastUsed > idleMs) this.end(id);
  }
}
