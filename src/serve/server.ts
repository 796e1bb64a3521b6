import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { FolioError, UsageError } from "../core/index.js";
import { readBody } from "./body.js";
import { Download, type Demo } from "./demo.js";
import { checkSender, securityHeaders } from "./guard.js";
import { pageAssets, type Asset } from "./page.js";
import { Queue } from "./queue.js";
import { Refused } from "./refused.js";
import { Sessions } from "./sessions.js";

export interface ServeOptions {
  /** A port that must be free; without one {@link usualPort} or, when that is taken, any. */
  readonly port?: number;
  /** Stops the server. */
  readonly signal?: AbortSignal;
  /** Unforeseen errors, one line each; the page gets no details. */
  readonly report?: (line: string) => void;
}

export interface DemoServer {
  readonly url: string;
  readonly port: number;
  /** When the last answer is out and the demo is closed. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export const usualPort = 7860;

/** How long a stop waits for answers under way. */
const graceMs = 3000;

/**
 * Serves a demo on this machine, 127.0.0.1 and nowhere else.
 * @throws UsageError when the port that was asked for is taken
 * @example
 * const server = await serveDemo(demo, { signal });
 * console.log(server.url); // http://127.0.0.1:7860/
 * await server.closed;
 */
export async function serveDemo<State>(demo: Demo<State>, { port, signal, report = () => {} }: ServeOptions = {}): Promise<DemoServer> {
  const answering = await answers(demo, report);
  const underWay = new Set<Promise<void>>();
  const http = createServer({ requestTimeout: 60_000, headersTimeout: 10_000, maxHeaderSize: 16_384 }, (request, response) => {
    const answered = answering.handle(request, response).finally(() => underWay.delete(answered));
    underWay.add(answered);
  });
  http.maxConnections = 128;
  const bound = await listen(http, port);
  let closing: Promise<void> | undefined;
  let finished = (): void => {};
  const closed = new Promise<void>((resolve) => (finished = resolve));
  const close = (): Promise<void> => (closing ??= (async () => {
    signal?.removeEventListener("abort", close);
    const done = new Promise<void>((resolve) => http.close(() => resolve()));
    http.closeIdleConnections();
    await Promise.race([Promise.allSettled(underWay), new Promise((enough) => setTimeout(enough, graceMs).unref())]);
    setImmediate(() => http.closeAllConnections()); // the last answer is written first
    await done;
    await answering.finish();
    await demo.close();
    finished();
  })());
  signal?.addEventListener("abort", close);
  if (signal?.aborted) await close();
  return { url: `http://127.0.0.1:${bound}/`, port: bound, closed, close };
}

async function listen(http: Server, port: number | undefined): Promise<number> {
  const tried = async (wanted: number): Promise<number> =>
    new Promise((resolve, reject) => {
      http.once("error", reject);
      http.listen({ port: wanted, host: "127.0.0.1" }, () => {
        http.off("error", reject);
        const address = http.address();
        if (address === null || typeof address === "string") reject(new Error("the server has no port"));
        else resolve(address.port);
      });
    });
  try {
    return await tried(port ?? usualPort);
  } catch (cause) {
    if (port === undefined) return tried(0);
    throw new UsageError(`--port ${port} cannot be used (${(cause as NodeJS.ErrnoException).code}). Give another, or none for one that is free.`, { cause });
  }
}

async function answers<State>(demo: Demo<State>, report: (line: string) => void) {
  const assets = await pageAssets(demo as Demo);
  const sessions = new Sessions<State>(demo);
  const queue = new Queue();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const port = request.socket.localPort ?? 0;
      checkSender(request.method ?? "", request.headers, port);
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      if (pathname.startsWith("/api/")) return await ask(pathname.slice(5), request, response);
      sendAsset(request, response, assets.get(pathname));
    } catch (error) {
      request.resume();
      sendError(response, error, report);
    }
  };
  const ask = async (name: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST") throw new Refused(405, "wrong-method", "Addresses below /api/ are asked by POST.");
    const id = request.headers["x-folio-session"];
    if (name === "session") return sendJson(response, 200, { session: await queue.run(() => sessions.begin()) });
    if (name === "leave") {
      await queue.run(() => sessions.end(id));
      return sendJson(response, 200, {});
    }
    const route = Object.hasOwn(demo.routes, name) ? demo.routes[name] : undefined;
    if (route === undefined) throw new Refused(404, "not-found", `Nothing answers at /api/${name}.`);
    sessions.find(id); // before a large body is read
    const body = await readBody(request, route);
    const leaving = new AbortController();
    response.once("close", () => leaving.abort());
    const answer = await queue.run(() => (leaving.signal.aborted ? undefined : route.answer({ ...body, state: sessions.find(id), signal: leaving.signal })));
    if (answer instanceof Download) sendDownload(response, answer);
    else sendJson(response, 200, answer ?? {});
  };
  const finish = async (): Promise<void> => {
    await queue.idle();
    sessions.endAll();
  };
  return { handle, finish };
}

function sendAsset({ method }: IncomingMessage, response: ServerResponse, asset: Asset | undefined): void {
  if (method !== "GET" && method !== "HEAD") throw new Refused(405, "wrong-method", "This address can only be read.");
  if (asset === undefined) throw new Refused(404, "not-found", "There is nothing at this address.");
  response.writeHead(200, { ...securityHeaders, "Content-Type": asset.type, "Content-Length": Buffer.byteLength(asset.body) });
  response.end(method === "HEAD" ? undefined : asset.body);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify(value);
  response.writeHead(status, { ...securityHeaders, "Content-Type": "application/json; charset=utf-8", "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

function sendDownload(response: ServerResponse, { bytes, type, fileName }: Download): void {
  const plain = fileName.replaceAll(/[^\w.-]/g, "_");
  response.writeHead(200, { ...securityHeaders, "Content-Type": type, "Content-Length": bytes.length, "Content-Disposition": `attachment; filename="${plain}"` });
  response.end(bytes);
}

function sendError(response: ServerResponse, error: unknown, report: (line: string) => void): void {
  if (error instanceof FolioError) {
    const status = error instanceof Refused ? error.status : 400;
    return sendJson(response, status, { code: error.code, message: error.message });
  }
  report(error instanceof Error ? (error.stack ?? error.message) : String(error));
  sendJson(response, 500, { code: "internal", message: "Something went wrong here that should not; the terminal says more." });
}
