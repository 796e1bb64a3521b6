// What a reader does in JupyterLab and Notebook 7, whose pages are built of the same parts.

/** @param page of puppeteer-core, on which a notebook is open */
export function labPage(page) {
  const cells = ".jp-Notebook .jp-CodeCell";
  const lab = {
    page,
    cells,
    async opened() {
      await page.waitForSelector(cells);
      await lab.idle();
    },
    /** Until the kernel waits for work. */
    idle: () =>
      page.waitForFunction(() => {
        const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
        return context?.isReady === true && context.session?.kernel?.status === "idle" && !context.hasNoKernel;
      }),
    /** What a menu or a toolbar's button does; needs the server's option expose_app_in_browser. */
    command: (id) => page.evaluate((name) => void window.jupyterapp.commands.execute(name), id),
    /** Waits until a cell's output holds a match, and gives its text. */
    async output(cell, pattern, css = ".jp-OutputArea") {
      const handle = await page.waitForFunction(
        (all, i, source, flags, inner) => {
          const text = [...(document.querySelectorAll(all)[i]?.querySelectorAll(inner) ?? [])].map((one) => one.innerText).join("\n");
          return new RegExp(source, flags).test(text) && text;
        },
        {},
        cells,
        cell,
        pattern.source,
        pattern.flags,
        css,
      );
      return handle.jsonValue();
    },
    /** Waits for an element inside a cell. */
    async within(cell, css) {
      const handle = await page.waitForFunction((all, i, inner) => document.querySelectorAll(all)[i]?.querySelector(inner), {}, cells, cell, css);
      return handle.asElement();
    },
    /** Puts text into a cell in place of its own, and leaves the cursor at its end. */
    async write(cell, text) {
      await (await lab.within(cell, ".cm-content")).click();
      await page.keyboard.down("Control");
      await page.keyboard.press("KeyA");
      await page.keyboard.up("Control");
      await page.keyboard.press("Backspace");
      await page.keyboard.sendCharacter(text);
    },
    /** Writes and presses Tab, again while the type checker loads, until the text or the offered names are as they should be. */
    async complete(cell, text, enough) {
      for (const deadline = Date.now() + 60_000; ; ) {
        await lab.write(cell, text);
        await page.keyboard.press("Tab");
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const [now, items] = await page.evaluate(() => [
          document.querySelector(".cm-content:focus")?.innerText.trim(),
          [...document.querySelectorAll(".jp-Completer-item code")].map((item) => item.textContent),
        ]);
        await page.keyboard.press("Escape");
        if (enough(now, items)) return;
        if (Date.now() > deadline) throw new Error(`Tab after ${text} gave ${now} and offered ${items}`);
      }
    },
    async runCell() {
      await page.keyboard.down("Control");
      await page.keyboard.press("Enter");
      await page.keyboard.up("Control");
    },
    async restart() {
      await lab.command("kernelmenu:restart");
      await (await page.waitForSelector(".jp-Dialog .jp-mod-accept")).click();
      await page.waitForFunction(() => document.querySelector(".jp-Dialog") === null);
      await lab.idle();
    },
  };
  return lab;
}
