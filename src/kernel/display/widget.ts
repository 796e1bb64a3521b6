import { bundle, type MimeBundle } from "./bundle.js";
import { openComm } from "./comm.js";

type State = Readonly<Record<string, unknown>>;

/** A widget in the front end whose state the cell's code shares. Shown when it is the last expression or given to `display`. */
export interface Widget<S extends State> {
  readonly id: string;
  get<K extends keyof S>(name: K): S[K];
  /** Changes the state here and in every view. */
  set(changes: Partial<S>): void;
  /** Called when the reader changes the state in a view. */
  onChange(listener: (changes: Partial<S>, state: S) => void): void;
  close(): void;
  [displayKey](): MimeBundle;
}

const displayKey: unique symbol = Symbol.for("Jupyter.display") as never;

/** The front-end half of anywidget (anywidget.dev), which must be installed where the notebook is shown: pip install anywidget. */
const model = {
  _model_module: "anywidget",
  _model_module_version: "*",
  _model_name: "AnyModel",
  _view_module: "anywidget",
  _view_module_version: "*",
  _view_name: "AnyView",
  _view_count: null,
};

/**
 * Makes a widget from an ES module with a `render({ model, el })` export, as anywidget runs it, and its first state.
 * @example
 * const slider = widget({ esm: "export default { render({ model, el }) { … } }", state: { value: 3 } });
 * slider.onChange(({ value }) => redraw(value));
 * slider
 */
export function widget<S extends State>({
  esm,
  css = "",
  state: first,
}: {
  readonly esm: string;
  readonly css?: string;
  readonly state: S;
}): Widget<S> {
  let state = { ...first };
  const listeners: ((changes: Partial<S>, state: S) => void)[] = [];
  const whole = (): State => ({ ...model, _esm: esm, _css: css, _anywidget_id: "folio", ...state });
  const comm = openComm("jupyter.widget", { state: whole(), buffer_paths: [] }, { metadata: { version: "2.1.0" } });
  comm.onMessage(({ method, state: sent }) => {
    if (method === "request_state") comm.send({ method: "update", state: whole(), buffer_paths: [] });
    if (method !== "update" || typeof sent !== "object" || sent === null) return;
    const changes = Object.fromEntries(Object.entries(sent).filter(([name]) => name in state)) as Partial<S>;
    state = { ...state, ...changes };
    for (const listener of listeners) listener(changes, state);
  });
  return {
    id: comm.id,
    get: (name) => state[name],
    set(changes) {
      state = { ...state, ...changes };
      comm.send({ method: "update", state: changes, buffer_paths: [] });
    },
    onChange: (listener) => void listeners.push(listener),
    close: () => comm.close(),
    [displayKey]: () =>
      bundle(`Widget ${JSON.stringify(state)} (to see it here: pip install anywidget)`, {
        "application/vnd.jupyter.widget-view+json": { version_major: 2, version_minor: 1, model_id: comm.id },
      }),
  };
}
