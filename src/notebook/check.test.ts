import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { check, WrongAnswer } from "./check.js";

describe("check", () => {
  const half = (answer: number | undefined): string => check("half of 6", answer, (x) => x === 3, (x) => `${x} is ${x < 3 ? "less" : "more"} than half.`);

  it("lets an exercise not begun pass without calling it right", () => assert.equal(half(undefined), "half of 6: not answered yet."));
  it("says when the answer is right", () => assert.equal(half(3), "half of 6: right."));
  it("explains a wrong answer from the answer itself", () => {
    assert.throws(() => half(5), (error) => error instanceof WrongAnswer && error.message === "half of 6: not yet. 5 is more than half.");
  });
});
