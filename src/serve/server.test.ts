import assert from "node:assert/strict";
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { after, before, describe, it } from "node:test";
import { openExample } from "./example/definition.fixture.js";
import { serveDemo, type DemoServer } from "./server.js";

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  json(): { readonly code?: string; readonly message?: string; readonly session?: string; readonly picks?: number };
}

const json = { "content-type": "application/json" };

/** Not fetch: it refuses to send a foreign Host or Origin. */
function send(port: number, path: string, { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const whole = Buffer.concat(parts);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, json: () => JSON.parse(whole.toString()) });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

describe("serveDemo", () => {
  let server: DemoServer;
  const reported: string[] = [];
  const ended: string[] = [];
  const own = (): Record<string, string> => ({ origin: `http://127.0.0.1:${server.port}` });
  const post = (name: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> =>
    send(server.port, `/api/${name}`, { method: "POST", body, headers: { ...json, ...own(), ...headers } });
  const newUser = async (): Promise<Record<string, string>> => ({ "x-folio-session": (await post("session", "{}")).json().session! });

  before(async () => {
    server = await serveDemo(openExample(8, () => ended.push("closed"), () => ended.push("left")), { report: (line) => reported.push(line) });
  });
  after(() => server.close());

  it("serves the page, its modules and nothing else", async () => {
    const page = await send(server.port, "/");
    assert.equal(page.status, 200);
    assert.match(page.body.toString(), /<h1>Example<\/h1>.*Nothing here is real/s);
    assert.match(String(page.headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(page.body.toString(), /<script>|style="|https?:\/\//);
    for (const address of ["/example/page.fixture.js", "/client/kit.js", "/client/viewer.js", "/style.css", "/sans-400.woff2", "/favicon.svg"]) {
      assert.equal((await send(server.port, address)).status, 200, address);
    }
    for (const address of ["/server.js", "/client/../server.js", "/%2e%2e/server.js", "/client/", "/package.json", "/client/kit.js.map", "//etc/passwd"]) {
      assert.equal((await send(server.port, address)).status, 404, address);
    }
    assert.equal((await send(server.port, "/", { method: "PUT", headers: own() })).status, 405);
  });

  it("answers its own page only", async () => {
    const status = async (headers: Record<string, string>, method = "GET"): Promise<number> => (await send(server.port, method === "GET" ? "/" : "/api/session", { method, headers, body: method === "GET" ? undefined : "{}" })).status;
    assert.equal(await status({ host: `localhost:${server.port}` }), 200);
    for (const host of ["evil.example", `evil.example:${server.port}`, "127.0.0.1", `127.0.0.1:${server.port + 1}`, `localhost.:${server.port}`]) assert.equal(await status({ host }), 421, host);
    for (const origin of ["https://evil.example", "null", `https://127.0.0.1:${server.port}`, `http://localhost:${server.port}`]) {
      assert.equal(await status({ origin }), 403, origin);
      assert.equal(await status({ ...json, origin }, "POST"), 403, origin);
    }
    assert.equal(await status(json, "POST"), 403, "a POST without an origin");
    assert.equal(await status({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }), 403);
    assert.equal(await status({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }), 200, "a link on another page may lead here");
  });

  it("keeps users apart, and one user's requests in order", async () => {
    const [one, two] = [await newUser(), await newUser()];
    const pick = (user: Record<string, string>, x: number) => post("pick", JSON.stringify({ x, y: 0, how: "primary" }), user);
    const answers = await Promise.all([0, 1, 2, 3].map((x) => pick(one, x)));
    assert.deepEqual(answers.map((answer) => answer.json().picks), [1, 2, 3, 4]);
    assert.equal((await pick(two, 0)).json().picks, 1);
    const lost = await post("pick", "{}", { "x-folio-session": "nobody" });
    assert.deepEqual([lost.status, lost.json().code], [410, "session-lost"]);
    assert.equal((await post("pick", "{}")).status, 410);
    await post("leave", "{}", two);
    assert.deepEqual(ended, ["left"]);
    assert.equal((await pick(two, 0)).status, 410);
  });

  it("says what is wrong with a request, and hides what is wrong with the server", async () => {
    const user = await newUser();
    const bad = await post("pick", JSON.stringify({ x: 8, y: 0, how: "primary" }), user);
    assert.deepEqual([bad.status, bad.json().message], [400, "x: must be a whole number from 0 to 7, but got 8."]);
    assert.match((await post("pick", JSON.stringify({ x: 0, y: 0, how: "wildly" }), user)).json().message!, /how: must be one of primary, secondary/);
    assert.equal((await post("pick", "{", user)).json().code, "no-json");
    assert.equal((await post("pick", "[]", user)).json().code, "invalid-value");
    assert.equal((await post("pick", "{}", { ...user, "content-type": "text/plain" })).status, 415);
    assert.equal((await post("constructor", "{}", user)).status, 404);
    assert.equal((await send(server.port, "/api/pick", { headers: user })).status, 405);
    const failed = await post("fail", "{}", user);
    assert.equal(failed.status, 500);
    assert.doesNotMatch(failed.body.toString(), /secret/);
    assert.match(reported.join(), /a secret of the server/);
  });

  it("takes files up to their limit and names them in messages", async () => {
    const user = await newUser();
    const file = (bytes: number, headers = {}) => post("load", Buffer.alloc(bytes, 1), { ...user, "content-type": "application/octet-stream", "x-file-name": encodeURIComponent("../häm.bin"), ...headers });
    assert.equal((await file(64)).status, 200);
    assert.match((await file(63)).json().message!, /^häm\.bin: must hold 64 bytes, but got 63/);
    for (const bytes of [1025, 5_000_000]) {
      const large = await file(bytes);
      assert.deepEqual([large.status, large.json().code], [413, "too-large"]);
    }
    assert.equal((await file(5_000_000, { "transfer-encoding": "chunked" })).status, 413);
    const saved = await post("save", "{}", user);
    assert.equal(saved.headers["content-disposition"], 'attachment; filename="marks.bin"');
    assert.deepEqual([...saved.body], Array.from({ length: 64 }, () => 1));
  });

  it("takes another port when the usual one is taken, and says so when a wanted one is", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => other.once("listening", done));
    const { port } = other.address() as { port: number };
    try {
      await assert.rejects(serveDemo(openExample(8), { port }), { code: "usage", message: new RegExp(`--port ${port} .*EADDRINUSE`) });
      const second = await serveDemo(openExample(8));
      assert.notEqual(second.port, server.port);
      await second.close();
    } finally {
      other.close();
    }
  });

  it("ends on a signal: the answer under way is given, every user's state and the demo are closed", async () => {
    const events: string[] = [];
    const stopping = new AbortController();
    const short = await serveDemo(openExample(8, () => events.push("closed"), () => events.push("left")), { signal: stopping.signal });
    const headers = { ...json, origin: `http://127.0.0.1:${short.port}` };
    const { session } = (await send(short.port, "/api/session", { method: "POST", body: "{}", headers })).json();
    const answer = send(short.port, "/api/pick", { method: "POST", body: JSON.stringify({ x: 0, y: 0, how: "primary" }), headers: { ...headers, "x-folio-session": session! } });
    await new Promise((done) => setTimeout(done, 3));
    stopping.abort();
    assert.equal((await answer).status, 200);
    await short.closed;
    assert.deepEqual(events, ["left", "closed"]);
    await assert.rejects(send(short.port, "/"), { code: "ECONNREFUSED" });
  });
});
