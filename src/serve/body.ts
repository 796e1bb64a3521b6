import type { IncomingMessage } from "node:http";
import type { Route } from "./demo.js";
import { Refused } from "./refused.js";

const usualLimit = { json: 64 * 1024, bytes: 16 * 1024 * 1024 } as const;
const contentType = { json: "application/json", bytes: "application/octet-stream" } as const;

export interface ReadBody {
  readonly body: unknown;
  readonly bytes: Uint8Array;
  readonly fileName: string;
}

/**
 * Reads a request's body as its route takes it; never holds more than the limit.
 * @throws Refused 413 too large, 415 of another type, 400 no JSON
 */
export async function readBody(request: IncomingMessage, { takes, maxBytes = usualLimit[takes] }: Pick<Route<never>, "takes" | "maxBytes">): Promise<ReadBody> {
  const type = (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (type !== contentType[takes]) throw new Refused(415, "wrong-type", `This address takes ${contentType[takes]}.`);
  const bytes = await readBytes(request, maxBytes);
  if (takes === "bytes") return { body: undefined, bytes, fileName: shownName(request.headers["x-file-name"]) };
  try {
    return { body: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), bytes: new Uint8Array(), fileName: "" };
  } catch {
    throw new Refused(400, "no-json", "The request's body is not JSON.");
  }
}

/** What is beyond the limit is read on and dropped: a browser that is cut off while it sends never sees why. */
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = new Refused(413, "too-large", `This is larger than the ${shownSize(maxBytes)} that are taken here.`);
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    let size = 0;
    const refuse = (): void => {
      parts.length = 0;
      reject(tooLarge);
    };
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) refuse();
    request.on("data", (part: Uint8Array) => {
      size += part.length;
      if (size > maxBytes) refuse();
      else parts.push(part);
    });
    request.once("end", () => resolve(new Uint8Array(Buffer.concat(parts))));
    request.once("error", reject);
  });
}

const shownSize = (bytes: number): string => (bytes >= 2 ** 20 ? `${Math.floor(bytes / 2 ** 20)} MB` : `${Math.floor(bytes / 1024)} kB`);

/** For messages: the last part of a name, without what could confuse a terminal or a page. */
function shownName(header: string | string[] | undefined): string {
  try {
    const name = decodeURIComponent(String(header ?? "")).split(/[\\/]/).at(-1) ?? "";
    return name.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "").slice(0, 120) || "the file";
  } catch {
    return "the file";
  }
}
