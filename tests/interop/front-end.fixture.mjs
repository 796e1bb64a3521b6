// A real Jupyter front end on a free port with our kernel installed, and a browser to use it with.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installKernel, kernelsFolder } from "../../dist/kernel/index.js";
import { openBrowser } from "../../dist/report/index.js";

/** Notebook 6 does not say which one it took when asked for any. */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/**
 * Starts `program args…`, a Jupyter server, in a folder of its own.
 * @returns the folder of its notebooks, its address, and how to end it
 */
export async function startServer(program, args) {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "folio-front-end-")));
  const folder = join(home, "notebooks");
  mkdirSync(folder);
  const env = {
    ...process.env,
    HOME: home,
    JUPYTER_DATA_DIR: join(home, "data"),
    JUPYTER_CONFIG_DIR: join(home, "config"),
    JUPYTER_RUNTIME_DIR: join(home, "runtime"),
    JUPYTERLAB_SETTINGS_DIR: join(home, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: join(home, "workspaces"),
  };
  const settings = join(home, "settings", "@jupyterlab", "apputils-extension");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, "notification.jupyterlab-settings"), '{ "fetchNews": "false" }');
  await installKernel(kernelsFolder({}, { env, cwd: folder }));
  const options = ["--no-browser", "--allow-root", `--port=${await freePort()}`, "--ip=127.0.0.1"];
  const child = spawn(program, [...args, ...options], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const address = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      log += chunk;
      const url = /http:\/\/127\.0\.0\.1:\d+\/\S*\?token=\w+/.exec(log)?.[0];
      if (url !== undefined) resolve(new URL(url));
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}:\n${log}`)));
  });
  return {
    folder,
    /** The address of a page of the front end, with the token. */
    page: (path) => new URL(`${path}?token=${address.searchParams.get("token")}`, address.origin).href,
    log: () => log,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGKILL"), 5000).unref();
      await ended;
      child.stdout.destroy();
      child.stderr.destroy();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A notebook of code cells for our kernel. */
export const notebookOf = (sources) =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "folio", display_name: "TypeScript (Folio)", language: "typescript" },
      language_info: { name: "typescript" },
    },
    cells: sources.map((source, i) => ({
      id: `cell-${i + 1}`,
      cell_type: "code",
      metadata: {},
      source,
      outputs: [],
      execution_count: null,
    })),
  });

/** A browser, and pages of it that leave a picture in .folio/screenshots when what is done with them fails. */
export async function openScreen() {
  const session = await openBrowser(process.env);
  const pictures = join(import.meta.dirname, "..", "..", ".folio", "screenshots");
  return {
    async page() {
      const page = await session.browser.newPage();
      await page.setViewport({ width: 1400, height: 1200 });
      page.setDefaultTimeout(60_000);
      return page;
    },
    async watched(page, name, work) {
      try {
        await work();
      } catch (error) {
        mkdirSync(pictures, { recursive: true });
        const path = join(pictures, `${name.replaceAll(/[^\w-]+/g, "-")}.png`);
        await page.screenshot({ path });
        error.message += `\n(The page as it was: ${path})`;
        throw error;
      }
    },
    close: () => session[Symbol.asyncDispose](),
  };
}
