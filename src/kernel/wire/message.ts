import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

export type Fields = Readonly<Record<string, unknown>>;

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly username: string;
  readonly session: string;
  readonly date: string;
  readonly version: string;
}

/** A message of the Jupyter protocol, without its signature. */
export interface Message {
  /** Routing identities of a request; the topic of a broadcast. */
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly parent: Partial<Header>;
  readonly metadata: Fields;
  readonly content: Fields;
  readonly buffers: readonly Buffer[];
}

export const protocolVersion = "5.4";

const delimiter = Buffer.from("<IDS|MSG>");

/** Turns messages into the frames of the wire and back, signing and verifying with the connection's key. */
export class Codec {
  readonly #key: string;
  readonly session: string = randomUUID();

  constructor(key: string) {
    this.#key = key;
  }

  header(type: string): Header {
    return {
      msg_id: randomUUID(),
      msg_type: type,
      username: "kernel",
      session: this.session,
      date: new Date().toISOString(),
      version: protocolVersion,
    };
  }

  /** A message of this session. */
  message(type: string, content: Fields, rest: Partial<Omit<Message, "header" | "content">> = {}): Message {
    return { identities: [], parent: {}, metadata: {}, buffers: [], ...rest, header: this.header(type), content };
  }

  /** Hands over what arrives at a socket and is a message, until the socket is closed. */
  async receive(socket: AsyncIterable<Buffer[]>, take: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      const message = this.decode(frames);
      if (message !== undefined) take(message);
    }
  }

  encode({ identities, header, parent, metadata, content, buffers }: Message): Buffer[] {
    const parts = [header, parent, metadata, content].map((part) => Buffer.from(JSON.stringify(part)));
    return [...identities, delimiter, Buffer.from(this.#sign(parts)), ...parts, ...buffers];
  }

  /** @returns undefined for frames that are not a message or whose signature is wrong: they are not even parsed */
  decode(frames: readonly Buffer[]): Message | undefined {
    const at = frames.findIndex((frame) => frame.equals(delimiter));
    if (at < 0 || frames.length < at + 6) return undefined;
    const parts = frames.slice(at + 2, at + 6);
    if (!sameBytes(Buffer.from(this.#sign(parts)), frames[at + 1])) return undefined;
    try {
      const [header, parent, metadata, content] = parts.map((part) => JSON.parse(part.toString("utf8")) as Fields);
      if (typeof header.msg_type !== "string" || typeof header.msg_id !== "string") return undefined;
      return {
        identities: frames.slice(0, at),
        header: header as unknown as Header,
        parent,
        metadata,
        content,
        buffers: frames.slice(at + 6),
      };
    } catch {
      return undefined;
    }
  }

  #sign(parts: readonly Buffer[]): string {
    if (this.#key === "") return "";
    const hmac = createHmac("sha256", this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}

const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
