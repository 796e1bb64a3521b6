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
          const text = [...(document.querySelectorAll(all)[i]?.querySelectorAll(inner) ?? [])]
            .map((one) => one.innerText)
            .join("\n");
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
      const handle = await page.waitForFunction(
        (all, i, inner) => document.querySelectorAll(all)[i]?.querySelector(inner),
        {},
        cells,
        cell,
        css,
      );
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
      for (const deadline = Date.now() + 60_000; ;) {
        await lab.write(cell, text);
        await page.keyboard.press("Tab");
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const [now, items] = await page.evaluate(() => [
          document.querySelector(".cm-content:focus")?.innerText.trim(),
          [...document.querySelectorAll(".jp-Completer-item code")].map((item) => item.textContent),
        ]);
        await page.keyboard.press("Escape");
        if (enough(items)) return;
        if (Date.now() > deadline) throw new Error(`Tab after ${text} gave ${now} and offered ${items}`);
      }
    },
    /** Runs the cell last written in; by the command, because a button that has the focus would take the key. */
    runCell: () => lab.command("notebook:run-cell"),
    /** Presses the button with the bug; the page overlooks it while it is still asking the kernel what it can do. */
    async debugging() {
      for (let i = 0; i < 6; i++) {
        await (await page.waitForSelector('.jp-DebuggerBugButton[aria-disabled="false"]')).click();
        const pressed = page.waitForSelector('.jp-DebuggerBugButton[aria-pressed="true"]', { timeout: 5000 });
        if (
          await pressed.then(
            () => true,
            () => false,
          )
        )
          return;
      }
      throw new Error("The debugger does not start.");
    },
    /** Clicks beside a line of a cell, which sets a breakpoint or takes it away. */
    async breakpoint(cell, line) {
      const gutter = await page.waitForFunction(
        (all, i, row) => {
          const rows = document.querySelectorAll(all)[i].querySelectorAll(".cm-breakpoint-gutter .cm-gutterElement");
          return [...rows].filter((one) => one.style.visibility !== "hidden" && one.offsetHeight > 0)[row - 1];
        },
        {},
        lab.cells,
        cell,
        line,
      );
      const { x, y, width, height } = await gutter.asElement().boundingBox();
      await page.mouse.click(x + width / 2, y + height / 2);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    },
    /** Waits until a part of the page, such as a panel of the debugger, shows a match. */
    panel: (pattern, panel) =>
      page.waitForFunction(
        (css, source) => new RegExp(source).test(document.querySelector(css)?.innerText ?? ""),
        {},
        panel,
        pattern.source,
      ),
    /** The text of the line of a cell at which the program stands. */
    async pausedLine(cell) {
      return (await lab.within(cell, ".jp-DebuggerEditor-highlight")).evaluate((one) => one.textContent);
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
