import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { zipSync } from "fflate";
import { fetchWheel } from "./fetch-wheel.js";
import { unpackWheel } from "./unpack-wheel.js";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "folio-wheel-"));
});
after(() => rm(folder, { recursive: true }));

const content = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) % 251);
const sha256 = createHash("sha256").update(content).digest("hex");
const filename = "some_library-1.0-cp312-cp312-manylinux_2_28_x86_64.whl";

/** An index whose connections end after some bytes, and the ranges it was asked for. */
function server({ bytes = content, breaksAfter = Infinity, ranges = true, fails = false, sized = true } = {}) {
  const asked: (string | null)[] = [];
  const answer = async (url: string, { headers }: { headers: Record<string, string> }): Promise<Response> => {
    if (url.endsWith("/some-library/")) return Response.json({ files: [{ filename, url: "https://files/1", hashes: { sha256 }, ...(sized && { size: content.length }) }] });
    asked.push(headers.range ?? null);
    const from = ranges ? Number(/bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0) : 0;
    if (from >= bytes.length) return new Response(null, { status: 416 });
    const sent = bytes.slice(from, Math.min(bytes.length, from + breaksAfter));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(sent);
        if (fails) setTimeout(() => controller.error(new Error("ECONNRESET")), 20);
        else controller.close();
      },
    });
    return new Response(body, { status: from > 0 ? 206 : 200 });
  };
  return { fetch: answer as unknown as typeof fetch, asked };
}

const request = (downloads: string, { fetch }: ReturnType<typeof server>) => fetchWheel({ project: "some-library", version: "1.0", downloads, fetch });

describe("fetchWheel", () => {
  it("goes on where a broken download ended, over as many tries as it takes", async () => {
    const downloads = join(folder, "resumed");
    const broken = { code: "download-broke", message: /some_library-1\.0.*broke off after 0 MB \(the connection ended\)\. The same command goes on from there\./ };
    await assert.rejects(request(downloads, server({ breaksAfter: 300 })), broken);
    await assert.rejects(request(downloads, server({ breaksAfter: 400, fails: true })), { code: "download-broke", message: /ECONNRESET/ });
    const last = server();
    const { archive, name } = await request(downloads, last);
    assert.deepEqual(last.asked, ["bytes=700-"]);
    assert.deepEqual(new Uint8Array(await readFile(archive)), content);
    assert.equal(name, filename);
    const none = server();
    await request(downloads, none);
    assert.deepEqual(none.asked, [], "what is whole is not asked for again");
  });

  it("starts over at a server that knows no ranges, and with a part that is too long", async () => {
    for (const [name, length] of [["ranges", 300], ["long", 2000]] as const) {
      const downloads = join(folder, name);
      await mkdir(downloads);
      await writeFile(join(downloads, `${sha256}.part`), new Uint8Array(length));
      const { archive } = await request(downloads, server({ ranges: false }));
      assert.deepEqual(new Uint8Array(await readFile(archive)), content);
    }
  });

  it("starts over where the index names no size: a part may be the whole, which no server continues", async () => {
    const downloads = join(folder, "unsized");
    for (const length of [content.length, 300]) {
      await mkdir(downloads, { recursive: true });
      await writeFile(join(downloads, `${sha256}.part`), content.slice(0, length));
      const { archive } = await request(downloads, server({ sized: false }));
      assert.deepEqual(new Uint8Array(await readFile(archive)), content);
    }
  });

  it("removes what has another hash, also when a part of it came earlier", async () => {
    const downloads = join(folder, "hash");
    await mkdir(downloads);
    await writeFile(join(downloads, `${sha256}.part`), new Uint8Array(300));
    await assert.rejects(request(downloads, server()), { code: "wrong-hash", message: /Nothing was installed; try again\./ });
    assert.deepEqual(await readdir(downloads), []);
    await request(downloads, server());
  });

  it("says that the disk is full, how much is needed, and where else it could go", async (context) => {
    if (!existsSync("/dev/full")) return context.skip("no /dev/full here");
    const downloads = join(folder, "full");
    await mkdir(downloads);
    await symlink("/dev/full", join(downloads, `${sha256}.part`));
    await assert.rejects(request(downloads, server()), { code: "disk-full", message: /full: no space is left \(about 1 MB are needed\)\. Make room, or name another cache folder in XDG_CACHE_HOME/ });
  });
});

describe("unpackWheel", () => {
  it("writes what is wanted, and says that the disk is full", async (context) => {
    const archive = join(folder, "archive.whl");
    await writeFile(archive, zipSync({ "a/one.so": content, "a/two.so": content }));
    const to = join(folder, "unpacked", "one.so");
    assert.deepEqual(await unpackWheel(archive, (name) => (name === "a/one.so" ? to : undefined)), ["a/one.so"]);
    assert.deepEqual(new Uint8Array(await readFile(to)), content);
    if (!existsSync("/dev/full")) return context.skip("no /dev/full here");
    await assert.rejects(unpackWheel(archive, () => "/dev/full"), { code: "disk-full" });
  });
});
