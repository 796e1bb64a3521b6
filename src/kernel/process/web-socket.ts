import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/**
 * The client side of a WebSocket (RFC 6455) to this machine, for text only: what Node's inspector speaks. Node 20 has no
 * WebSocket of its own.
 */
export async function openWebSocket(
  url: string,
  onText: (text: string) => void,
  onClose: () => void,
): Promise<{ send(text: string): void; close(): void }> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.once("close", onClose);
  const rest = await handshake(socket, `${hostname}:${port}`, pathname);
  const read = frameReader((opcode, payload) => {
    if (opcode === 1) onText(payload.toString("utf8"));
    else if (opcode === 8) socket.end();
    else if (opcode === 9) socket.write(frame(10, payload));
  });
  read(rest);
  socket.on("data", read);
  return {
    send: (text) => void socket.write(frame(1, Buffer.from(text))),
    close: () => socket.end(frame(8, Buffer.alloc(0))),
  };
}

function handshake(socket: Socket, host: string, path: string): Promise<Buffer> {
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  return new Promise((resolve, reject) => {
    let head: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", onData);
      if (head.toString("latin1").startsWith("HTTP/1.1 101")) resolve(head.subarray(end + 4));
      else reject(new Error(`The inspector refused the connection: ${head.toString("latin1", 0, 40)}`));
    };
    socket.on("data", onData);
    socket.once("close", () => reject(new Error("The inspector closed the connection.")));
  });
}

/** A client's frame: whole, masked. */
function frame(opcode: number, payload: Buffer): Buffer {
  const size = payload.length;
  const extended = size < 126 ? Buffer.alloc(0) : Buffer.alloc(size < 65_536 ? 2 : 8);
  if (extended.length === 2) extended.writeUInt16BE(size);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(size));
  const mask = randomBytes(4);
  const masked = Buffer.alloc(size);
  for (let i = 0; i < size; i++) masked[i] = payload[i] ^ mask[i % 4];
  return Buffer.concat([
    Buffer.of(0x80 | opcode, 0x80 | (size < 126 ? size : extended.length === 2 ? 126 : 127)),
    extended,
    mask,
    masked,
  ]);
}

/** Puts the chunks of a connection together to frames, and the fragments of a message to a message. */
function frameReader(onMessage: (opcode: number, payload: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  let kind = 0;
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      if (held.length < 2) return;
      const short = held[1] & 127;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (held.length < start) return;
      const size = short < 126 ? short : short === 126 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
      if (held.length < start + size) return;
      const [first, payload] = [held[0], held.subarray(start, start + size)];
      held = held.subarray(start + size);
      const opcode = first & 15;
      if (opcode >= 8) {
        onMessage(opcode, payload);
        continue;
      }
      if (opcode !== 0) kind = opcode;
      parts.push(payload);
      if ((first & 0x80) === 0) continue;
      const whole = Buffer.concat(parts);
      parts = [];
      onMessage(kind, whole);
    }
  };
}
