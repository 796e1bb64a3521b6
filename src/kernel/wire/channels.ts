import type { XPublisher } from "zeromq";
import { addressesOf, type ConnectionFile } from "./connection.js";
import { Codec, type Fields, type Header, type Message } from "./message.js";
import { SendQueue } from "./send-queue.js";

export type RequestChannel = "shell" | "control";

/** The kernel's side of the wire: requests come in, replies and broadcasts go out. */
export interface Channels {
  reply(channel: RequestChannel, to: Message, type: string, content: Fields): void;
  publish(
    type: string,
    content: Fields,
    parent: Partial<Header>,
    extra?: { readonly metadata?: Fields; readonly buffers?: readonly Buffer[] },
  ): void;
  /** Asks the front end that sent a request; its answer comes to `onInput`. */
  ask(to: Message, content: Fields): void;
  /** Sends what is queued, then frees the ports. */
  close(): Promise<void>;
}

export interface ChannelHandlers {
  onRequest(channel: RequestChannel, message: Message): void;
  onInput(message: Message): void;
}

/** Binds the five channels of a connection file. Messages whose signature is wrong are dropped unread. */
export async function openChannels(connection: ConnectionFile, { onRequest, onInput }: ChannelHandlers): Promise<Channels> {
  const zmq = await import("zeromq");
  const codec = new Codec(connection.key);
  const options = { linger: 500, sendHighWaterMark: 0, receiveHighWaterMark: 0 };
  const shell = new zmq.Router(options);
  const control = new zmq.Router(options);
  const stdin = new zmq.Router(options);
  const iopub = new zmq.XPublisher({ linger: 500, sendHighWaterMark: 0 });
  const heartbeat = new zmq.Reply();
  iopub.verbosity = "allSubs";
  const sockets = [shell, control, stdin, iopub, heartbeat];
  for (const [i, address] of addressesOf(connection).entries()) await sockets[i].bind(address);
  const queues = {
    shell: new SendQueue(shell),
    control: new SendQueue(control),
    stdin: new SendQueue(stdin),
    iopub: new SendQueue(iopub),
  };

  const publish: Channels["publish"] = (type, content, parent, { metadata = {}, buffers = [] } = {}) => {
    const topic = type === "stream" ? `stream.${String(content.name)}` : type;
    void queues.iopub.send(
      codec.encode(codec.message(type, content, { identities: [Buffer.from(topic)], parent, metadata, buffers })),
    );
  };
  const answer = (queue: SendQueue, to: Message, type: string, content: Fields): void =>
    void queue.send(codec.encode(codec.message(type, content, { identities: to.identities, parent: to.header })));
  void codec.receive(shell, (message) => onRequest("shell", message));
  void codec.receive(control, (message) => onRequest("control", message));
  void codec.receive(stdin, onInput);
  void echo(heartbeat);
  void welcome(iopub, (topic) => publish("iopub_welcome", { subscription: topic }, {}));

  return {
    publish,
    reply: (channel, to, type, content) => answer(queues[channel], to, type, content),
    ask: (to, content) => answer(queues.stdin, to, "input_request", content),
    async close() {
      await Promise.all(Object.values(queues).map((queue) => queue.drained()));
      for (const socket of sockets) socket.close();
    },
  };
}

async function echo(heartbeat: AsyncIterable<Buffer[]> & { send(frames: Buffer[]): Promise<void> }): Promise<void> {
  for await (const frames of heartbeat) await heartbeat.send(frames);
}

/** Tells each new listener that it is connected (JEP 65), so that it need not guess whether it missed something. */
async function welcome(iopub: XPublisher, tell: (topic: string) => void): Promise<void> {
  for await (const [frame] of iopub) if (frame[0] === 1) tell(frame.subarray(1).toString("utf8"));
}
