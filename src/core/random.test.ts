import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Random, seededRandom } from "./random.js";

describe("Random", () => {
  it("is xoshiro128** 1.1: the first outputs of the reference C code from state 1, 2, 3, 4", () => {
    const random = new Random("", [1, 2, 3, 4]);
    const first = Array.from({ length: 6 }, () => random.bits());
    assert.deepEqual(first, [11520, 0, 5927040, 70819200, 2031721883, 1637235492]);
  });

  it("fills an array with the numbers that single calls give", () => {
    const [filled, single] = [seededRandom(7), seededRandom(7)];
    const numbers = new Uint32Array(40);
    filled.fillBits(numbers);
    assert.deepEqual([...numbers], Array.from(numbers, () => single.bits()));
    assert.equal(filled.bits(), single.bits());
  });

  it("gives each name its own substream, whatever was drawn before", () => {
    const untouched = seededRandom(7).stream("noise").bits();
    const random = seededRandom(7);
    random.stream("gain").normal();
    random.bits();
    assert.equal(random.stream("noise").bits(), untouched);
    assert.notEqual(seededRandom(8).stream("noise").bits(), untouched);
  });

  it("goes on after restore as if never stopped", () => {
    const random = seededRandom(1);
    random.normal();
    const { state } = random;
    const expected = [random.uniform(), random.normal(), random.integer(10)];
    random.restore(state);
    assert.deepEqual([random.uniform(), random.normal(), random.integer(10)], expected);
  });

  it("draws with the moments it promises", () => {
    const random = seededRandom(3);
    const draws = Array.from({ length: 20000 }, () => random.normal(2, 3));
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const sd = Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length);
    assert.ok(Math.abs(mean - 2) < 0.08 && Math.abs(sd - 3) < 0.08, `mean ${mean}, sd ${sd}`);
    const counts = new Uint32Array(6);
    for (let i = 0; i < 60000; i++) counts[random.integer(6)]++;
    for (const count of counts) assert.ok(Math.abs(count - 10000) < 400, `count ${count}`);
  });

  it("permutes: every number once, and no number out of range", () => {
    assert.deepEqual([...seededRandom(5).permutation(100)].sort((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i));
    assert.throws(() => seededRandom(5).integer(0), /whole number from 1/);
    assert.throws(() => seededRandom(0.5), /seed must be a whole number/);
  });
});
