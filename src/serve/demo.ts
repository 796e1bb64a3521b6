import type { Progress } from "../core/index.js";

/**
 * A demo as the command line knows it. Light: what it needs is loaded in `open`, so that `folio --help` stays quick.
 * @example see src/serve/README.md
 */
export interface DemoDefinition {
  /** `folio demo NAME` */
  readonly name: string;
  /** One line for `folio demo --help`. */
  readonly summary: string;
  readonly options: readonly DemoOption[];
  /** A whole command line. */
  readonly example: string;
  /**
   * Loads the model and whatever else the page needs.
   * @throws UsageError or BadFile with a remedy in one line, before the server starts
   */
  open(context: DemoContext): Promise<Demo>;
}

/** One option of the command line, as commander writes them: `--run <folder>`, `--image <file...>`, `--seed <number>`. */
export interface DemoOption {
  readonly flags: string;
  readonly description: string;
  readonly default?: string;
  readonly choices?: readonly string[];
}

/** What a demo may touch of the outside world. */
export interface DemoContext {
  /** By the option's name in camelCase; a repeatable one is an array. */
  readonly options: Readonly<Record<string, string | readonly string[] | boolean | undefined>>;
  /** What relative paths of options are relative to. */
  readonly cwd: string;
  readonly progress: Progress;
  /** Fires when the user wants to leave; `open` should stop then. */
  readonly signal: AbortSignal;
  /** One line to the user. */
  say(line: string): void;
}

/**
 * What is served. `State` is what one user has; every browser tab is a user of its own.
 * Handlers run one at a time, whoever asks, so a model or a state is never used by two at once.
 */
export interface Demo<State = unknown> {
  readonly title: string;
  /** A sentence below the title: what one can do here. */
  readonly lead: string;
  /** Shown above everything: that the model saw generated data only, that it is no medical device … */
  readonly notice?: string;
  /** The compiled browser module: `new URL("./page.js", import.meta.url)`. What it imports is served too. */
  readonly page: URL;
  /** CSS added to the kit's. */
  readonly style?: string;
  /** By name: `click` answers `POST /api/click`. */
  readonly routes: Readonly<Record<string, Route<State>>>;
  /** A new user. */
  begin(): State | Promise<State>;
  /** The user has left, or was idle for long: free what the state holds. */
  end?(state: State): void;
  /** The server has stopped. */
  close(): Promise<void>;
}

/** How one address is asked and answered. */
export interface Route<State> {
  /** `json`: the body is JSON, read and parsed; `bytes`: a file. */
  readonly takes: "json" | "bytes";
  /** Larger bodies are refused while they come in: 64 KiB of JSON or 16 MiB of a file unless given. */
  readonly maxBytes?: number;
  /**
   * @returns anything JSON can hold, or a {@link Download}
   * @throws FolioError for what the user can put right: its message is shown as it is
   */
  answer(request: DemoRequest<State>): unknown;
}

export interface DemoRequest<State> {
  readonly state: State;
  /** Parsed JSON, of a `json` route. Nothing about it has been checked: see {@link Fields}. */
  readonly body: unknown;
  /** The file, of a `bytes` route. */
  readonly bytes: Uint8Array;
  /** The file's own name, of a `bytes` route; for messages, never for a path. */
  readonly fileName: string;
  /** Fires when the user no longer waits. */
  readonly signal: AbortSignal;
}

/** An answer that is a file. */
export class Download {
  constructor(
    readonly bytes: Uint8Array,
    readonly type: string,
    readonly fileName: string,
  ) {}
}

/** Keeps a demo's state type where the registry has forgotten it. */
export const demo = <State>(one: Demo<State>): Demo => one as Demo;
