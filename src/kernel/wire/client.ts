import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { addressesOf, type ConnectionFile } from "./connection.js";
import { Codec, type Fields, type Header, type Message } from "./message.js";
import { SendQueue } from "./send-queue.js";

/** A front end of the Jupyter protocol in Node: for tests and benchmarks. */
export interface Client {
  /** Sends a request and resolves with its reply and everything published for it, once the kernel is idle again. */
  request(type: string, content: Fields, channel?: "shell" | "control"): Promise<Exchange>;
  execute(code: string, options?: Fields): Promise<Exchange>;
  /** Sends without waiting; returns the header, by which to find what comes. */
  send(type: string, content: Fields, channel?: "shell" | "control"): Header;
  /** What has been published so far. */
  readonly published: readonly Message[];
  onInput: (prompt: string, password: boolean) => string;
  onPublished: (message: Message) => void;
  /** Sends frames as they are. */
  raw(frames: Buffer[]): Promise<void>;
  beat(): Promise<Buffer>;
  close(): void;
}

export interface Exchange {
  readonly reply: Fields;
  readonly published: readonly Message[];
}

/** Five free ports of this machine and a fresh key. */
export async function freeConnection(): Promise<ConnectionFile> {
  const [shell_port, control_port, stdin_port, iopub_port, hb_port] = await freePorts(5);
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port,
    control_port,
    stdin_port,
    iopub_port,
    hb_port,
    key: randomBytes(16).toString("hex"),
    signature_scheme: "hmac-sha256",
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer();
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Connects, and waits until the kernel answers and its broadcasts arrive. */
export async function openClient(connection: ConnectionFile): Promise<Client> {
  const zmq = await import("zeromq");
  const codec = new Codec(connection.key);
  const routingId = codec.session;
  const options = { linger: 0, receiveHighWaterMark: 0, sendHighWaterMark: 0 };
  const [shell, control, stdin] = [0, 1, 2].map(() => new zmq.Dealer({ ...options, routingId }));
  const iopub = new zmq.Subscriber({ linger: 0, receiveHighWaterMark: 0 });
  const heartbeat = new zmq.Request({ linger: 0 });
  iopub.subscribe("");
  const sockets = [shell, control, stdin, iopub, heartbeat];
  addressesOf(connection).forEach((address, i) => sockets[i].connect(address));
  const queues = { shell: new SendQueue(shell), control: new SendQueue(control), stdin: new SendQueue(stdin) };

  const published: Message[] = [];
  const replies = new Map<string, Message>();
  const checks = new Set<() => void>();
  const changed = (): void => [...checks].forEach((check) => check());
  const receive = (socket: AsyncIterable<Buffer[]>, take: (message: Message) => void): Promise<void> =>
    codec.receive(socket, (message) => {
      take(message);
      changed();
    });
  const client: Client = {
    published,
    onInput: () => "",
    onPublished: () => {},
    send(type, content, channel = "shell") {
      const sent = codec.message(type, content);
      void queues[channel].send(codec.encode(sent));
      return sent.header;
    },
    async request(type, content, channel = "shell") {
      const from = published.length;
      const { msg_id } = client.send(type, content, channel);
      const mine = (): Message[] => published.slice(from).filter(({ parent }) => parent.msg_id === msg_id);
      await until(() => replies.has(msg_id) && mine().some(isIdle), checks);
      return { reply: replies.get(msg_id)!.content, published: mine() };
    },
    execute: (code, extra = {}) =>
      client.request("execute_request", {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: true,
        stop_on_error: true,
        ...extra,
      }),
    raw: (frames) => queues.shell.send(frames),
    async beat() {
      await heartbeat.send("ping");
      return (await heartbeat.receive())[0];
    },
    close: () => sockets.forEach((socket) => socket.close()),
  };
  const take = (reply: Message): void => void replies.set(reply.parent.msg_id ?? "", reply);
  void receive(shell, take);
  void receive(control, take);
  void receive(iopub, (one) => {
    published.push(one);
    client.onPublished(one);
  });
  void receive(stdin, ({ content, header }) => {
    const value = client.onInput(String(content.prompt), content.password === true);
    void queues.stdin.send(codec.encode(codec.message("input_reply", { value }, { parent: header })));
  });
  // The first request waits in its queue until the kernel is there. A broadcast sent before our subscription has arrived is lost;
  // so we go on asking until one comes.
  client.send("kernel_info_request", {});
  await until(() => replies.size > 0, checks);
  const heard = (): boolean => published.some(isIdle);
  while (!heard()) {
    await Promise.race([until(heard, checks), new Promise((resolve) => setTimeout(resolve, 50))]);
    if (!heard()) client.send("kernel_info_request", {});
  }
  return client;
}

const isIdle = ({ header, content }: Message): boolean =>
  header.msg_type === "status" && content.execution_state === "idle";

function until(holds: () => boolean, checks: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (!holds()) return;
      checks.delete(check);
      resolve();
    };
    checks.add(check);
    check();
  });
}
