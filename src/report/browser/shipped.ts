import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { untar } from "./tar.js";

const unpack = promisify(brotliDecompress);

/**
 * The Chromium inside the npm package `@sparticuz/chromium`, unpacked once into the user's cache.
 *
 * The package's own unpacking writes to a fixed name in the temporary folder, where two processes meet half a file;
 * here everything is written to a folder of its own, renamed when whole. The libraries it carries (nss, nspr, expat)
 * come first on its library path, so it runs on a container that has none.
 */
export async function shippedBrowser(env: Readonly<Record<string, string | undefined>>): Promise<{ path: string; env: Record<string, string> }> {
  const packageFile = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const bin = join(dirname(packageFile), "..", "..", "bin");
  const { version } = JSON.parse(await readFile(join(bin, "..", "package.json"), "utf8")) as { version: string };
  const cache = join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "folio");
  const folder = join(cache, `chromium-${version}`);
  if (!existsSync(join(folder, "chromium"))) await unpackAll(bin, folder);
  return {
    path: join(folder, "chromium"),
    env: {
      FONTCONFIG_FILE: join(folder, "fonts", "fonts.conf"),
      LD_LIBRARY_PATH: [join(folder, "lib"), env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
    },
  };
}

async function unpackAll(bin: string, folder: string): Promise<void> {
  const temporary = `${folder}.${process.pid}-${randomBytes(4).toString("hex")}`;
  await mkdir(join(temporary, "fonts"), { recursive: true });
  try {
    const read = async (name: string): Promise<Uint8Array> => unpack(await readFile(join(bin, `${name}.br`)));
    await writeFile(join(temporary, "chromium"), await read("chromium"), { mode: 0o755 });
    for (const [archive, under] of [["al2023.tar", ""], ["swiftshader.tar", ""], ["fonts.tar", "fonts"]] as const) {
      for (const { name, mode, data } of untar(await read(archive))) {
        const path = join(temporary, under, normalize(`/${name}`));
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, data, { mode });
      }
    }
    await writeFile(join(temporary, "fonts", "fonts.conf"), fontsConf(join(folder, "fonts")));
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another process was first: its folder is as good.
    if (!existsSync(join(folder, "chromium"))) throw error;
  }
}

/** Only the fonts that came along, so that a PDF looks the same everywhere; the page brings its own text fonts. */
const fontsConf = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${folder}</dir><cachedir>${join(folder, "cache")}</cachedir></fontconfig>
`;
