import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatCsv, parseCsv } from "./csv.js";

const parse = (text: string | Uint8Array): string[][] => {
  const { columns, rows } = parseCsv(text, "a.csv");
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))];
};

describe("readCsv", () => {
  it("reads quoted commas, quotes and newlines, CRLF, a BOM, and a last line without its newline", () => {
    assert.deepEqual(parse('\uFEFFid,note\r\n1,"a, ""b""\r\nc"\r\n2,'), [
      ["id", "note"],
      ["1", 'a, "b"\r\nc'],
      ["2", ""],
    ]);
    assert.deepEqual(parse(Buffer.from("\uFEFFid\n1\n")), [["id"], ["1"]]);
    assert.deepEqual(parse("a,b\n\n 1 ,2\n\n"), [
      ["a", "b"],
      [" 1 ", "2"],
    ]);
    assert.deepEqual(parseCsv("a;b\n1,5;2", "x", { delimiter: ";" }).rows, [{ a: "1,5", b: "2" }]);
    assert.deepEqual(parse("a,b\n"), [["a", "b"]]);
  });

  it("treats a column named __proto__ as any other", () => {
    const [row] = parseCsv("__proto__,b\n1,2").rows;
    assert.deepEqual(Object.entries(row), [
      ["__proto__", "1"],
      ["b", "2"],
    ]);
  });

  const broken: [string, string | Uint8Array, RegExp][] = [
    ["a ragged row names its line", 'a,b\n"1\n2",3\n4\n', /a\.csv: line 4 has 1 values, the header 2\. Mend that line/],
    ["a row too long", "a,b\n1,2,3\n", /line 2 has 3 values, the header 2/],
    ["two columns of one name", "a,b,a\n", /two columns named "a"/],
    ["nothing", "", /has no header line/],
    ["an open quote", 'a\n"1\n2\n', /a quoted value is never closed/],
    ["a quote amid a value", 'a\n1"2"\n', /line 2 has a misplaced quote/],
    ["not UTF-8", Uint8Array.of(97, 10, 0xe9), /is not UTF-8\. Save it as CSV UTF-8/],
    ["UTF-16", Uint8Array.of(0xff, 0xfe, 97, 0), /not UTF-8 but UTF-16/],
  ];
  for (const [what, content, message] of broken)
    it(`says what is wrong: ${what}`, () => assert.throws(() => parse(content), message));
});

describe("formatCsv", () => {
  it("quotes only where needed", () => {
    const rows = [
      { id: 1, note: 'a "b", c' },
      { id: 2.5, note: null },
      { id: true, note: " x\ny" },
    ];
    assert.equal(formatCsv({ columns: ["id", "note"], rows }), 'id,note\n1,"a ""b"", c"\n2.5,\ntrue," x\ny"\n');
    assert.throws(() => formatCsv({ columns: ["a", "a"], rows: [] }), /every column needs its own name/);
  });

  it("is what readCsv reads, whatever the text", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", ",", '"', "\n", "\r", " ", "é", "\uFEFF", "x") });
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
        fc.array(fc.array(name, { minLength: 4, maxLength: 4 }), { maxLength: 5 }),
        (columns, values) => {
          const rows = values.map((cells) => Object.fromEntries(columns.map((column, i) => [column, cells[i]])));
          assert.deepEqual(parseCsv(formatCsv({ columns, rows })), { columns, rows });
        },
      ),
    );
  });
});
