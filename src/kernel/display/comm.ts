import { randomUUID } from "node:crypto";

type Fields = Readonly<Record<string, unknown>>;

/** A message of Jupyter's comms, by which code in a cell and code in the front end talk to each other. */
export interface CommMessage {
  readonly type: "comm_open" | "comm_msg" | "comm_close";
  readonly commId: string;
  readonly target?: string;
  readonly data: Fields;
  readonly metadata?: Fields;
  readonly buffers?: readonly Uint8Array[];
}

export interface Comm {
  readonly id: string;
  send(data: Fields, buffers?: readonly Uint8Array[]): void;
  onMessage(listener: (data: Fields, buffers: readonly Uint8Array[]) => void): void;
  onClose(listener: () => void): void;
  close(data?: Fields): void;
}

export interface CommReceiver {
  receive(message: CommMessage): void;
}

interface CommState {
  readonly send: (message: CommMessage) => void;
  readonly open: Map<
    string,
    {
      readonly comm: Comm;
      readonly messages: ((data: Fields, buffers: readonly Uint8Array[]) => void)[];
      readonly closes: (() => void)[];
    }
  >;
  readonly targets: Map<string, (comm: Comm, data: Fields) => void>;
}

// In the registry of symbols for the same reason as the display channel: one state, however often this file is loaded.
const key = Symbol.for("folio.comm.channel");

const current = (): CommState | undefined => Reflect.get(globalThis, key) as CommState | undefined;

export function openCommChannel(send: (message: CommMessage) => void): CommReceiver {
  const state: CommState = { send, open: new Map(), targets: new Map() };
  Reflect.set(globalThis, key, state);
  return { receive: (message) => receive(state, message) };
}

/** Opens a comm to code that the front end has registered under this name. Outside a notebook its messages go nowhere. */
export function openComm(
  target: string,
  data: Fields = {},
  {
    metadata = {},
    buffers = [],
    id = randomUUID() as string,
  }: { metadata?: Fields; buffers?: readonly Uint8Array[]; id?: string } = {},
): Comm {
  const state = current();
  const comm = makeComm(state, id);
  state?.send({ type: "comm_open", commId: id, target, data, metadata, buffers });
  return comm;
}

/** Lets the front end open comms of this name; `accept` gets each. */
export function registerCommTarget(target: string, accept: (comm: Comm, data: Fields) => void): void {
  current()?.targets.set(target, accept);
}

function makeComm(state: CommState | undefined, id: string): Comm {
  const messages: ((data: Fields, buffers: readonly Uint8Array[]) => void)[] = [];
  const closes: (() => void)[] = [];
  const comm: Comm = {
    id,
    send: (data, buffers = []) => state?.send({ type: "comm_msg", commId: id, data, buffers }),
    onMessage: (listener) => void messages.push(listener),
    onClose: (listener) => void closes.push(listener),
    close(data = {}) {
      if (state?.open.delete(id)) state.send({ type: "comm_close", commId: id, data });
    },
  };
  state?.open.set(id, { comm, messages, closes });
  return comm;
}

function receive(state: CommState, { type, commId, target = "", data, buffers = [] }: CommMessage): void {
  if (type === "comm_open") {
    const accept = state.targets.get(target);
    if (accept === undefined) state.send({ type: "comm_close", commId, data: {} });
    else accept(makeComm(state, commId), data);
    return;
  }
  const known = state.open.get(commId);
  if (type === "comm_msg") for (const listener of known?.messages ?? []) listener(data, buffers);
  else {
    state.open.delete(commId);
    for (const listener of known?.closes ?? []) listener();
  }
}
