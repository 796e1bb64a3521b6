import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { packageRoot } from "../../core/index.js";
import { openSession, type Session } from "./session.js";

/** Each keeps a process busy, or a cell waiting, in its own way; `started` is printed when it is under way. */
const busy: Readonly<Record<string, string>> = {
  "a loop": "console.log('started'); while (true) {}",
  "a loop after an await": "await null; console.log('started'); while (true) {}",
  "a loop in a timer's callback":
    "setTimeout(() => { console.log('started'); while (true) {} }, 1); await new Promise(() => {})",
  "a wait that never ends": "console.log('started'); await new Promise(() => {})",
  "a loop that waits at every turn":
    "console.log('started'); for (;;) await new Promise((resolve) => setTimeout(resolve, 1))",
  "a loop that swallows errors": "console.log('started'); for (;;) { try { for (;;) Math.sqrt(2) } catch {} finally { } }",
  "library code that listens to the signal":
    'import { interruptSignal } from "folio/display"; console.log("started"); const signal = interruptSignal(); await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("told"))))',
  "a TensorFlow.js training loop":
    'import * as tf from "@tensorflow/tfjs"; const w = tf.variable(tf.zeros([8])); const adam = tf.train.adam(0.1); console.log("started"); for (;;) { const loss = adam.minimize(() => w.sub(1).square().mean() as any, true)!; await loss.data(); loss.dispose() }',
};

const rounds = Number(process.env.FOLIO_INTERRUPT_ROUNDS ?? "3");

describe("an interrupt stops", () => {
  let session: Session;
  let count = 0;
  let started = (): void => {};
  before(async () => {
    session = await openSession({
      folder: packageRoot,
      onEvent: (event) => (event.kind === "stream" && event.text.includes("started") ? started() : undefined),
    });
    await session.run("let kept = 0", ++count);
  });
  after(() => session.close());

  for (const [name, source] of Object.entries(busy)) {
    it(`${name}, keeps the variables, and never hits the next cell`, async () => {
      for (let round = 0; round < rounds; round++) {
        const under = new Promise<void>((resolve) => (started = resolve));
        const running = session.run(source, ++count);
        await under;
        const asked = Date.now();
        await session.interrupt();
        const result = await running;
        assert.ok(Date.now() - asked < 10_000, `took ${Date.now() - asked} ms`);
        assert.equal(
          result.status === "error" && (result.error.ename === "Interrupted" || result.error.evalue === "told"),
          true,
          JSON.stringify(result),
        );
        const next = await session.run(
          "kept += 1; let sum = 0; for (let i = 0; i < 1000; i++) sum += await i; [typeof kept, sum]",
          ++count,
        );
        assert.equal(next.status === "ok" && next.result?.data["text/plain"], "[ 'number', 499500 ]", JSON.stringify(next));
      }
    });
  }

  it("nothing when no cell runs", async () => {
    await session.interrupt();
    assert.equal((await session.run("1", ++count)).status, "ok");
  });
});
