import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Sessions } from "./sessions.js";

describe("Sessions", () => {
  it("lets go of the one who was quiet longest, and of those who left for hours", async () => {
    let now = 0;
    let begun = 0;
    const ended: number[] = [];
    const sessions = new Sessions<number>({ begin: () => begun++, end: (state) => ended.push(state) }, () => now);
    const ids: string[] = [];
    for (let i = 0; i < 32; i++) ids.push(await sessions.begin());
    now = 1000;
    sessions.find(ids[0]);
    await sessions.begin();
    assert.deepEqual([ended, sessions.size], [[1], 32]);
    now = 1000 + 4 * 3600 * 1000;
    await sessions.begin();
    assert.equal(ended.length, 31, "all but the two who spoke at 1000");
    assert.equal(sessions.find(ids[0]), 0);
    assert.equal(new Set(ids).size, 32);
  });
});
