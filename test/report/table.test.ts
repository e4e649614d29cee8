import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import * as fc from "fast-check";
import { lineWidth, printLines, toned } from "#runner/report/lines.ts";
import { tableLines, type Table } from "#runner/report/table.ts";
import { dangersIn, hostile } from "./hostile.ts";
import { look } from "./example.ts";

const columns = [
  { title: "NAME", shrinkTo: 4 },
  { title: "USD", align: "right" as const },
  { title: "STATE" },
];

test("columns are aligned by what is seen, not by characters", () => {
  const rows = [
    ["日本語", "1.20", "ok"],
    ["Müller", "12.00", toned("good", "✓ ok")],
    ["👩‍👩‍👧", "0.10", ""],
  ];

  expect(printLines(tableLines({ columns, rows, indent: 2 }, look), look)).toBe(
    [
      "  NAME      USD  STATE",
      "  日本語   1.20  ok",
      "  Müller  12.00  ✓ ok",
      "  👩‍👩‍👧       0.10",
      "",
    ].join("\n"),
  );
});

test("colours stand around the text and do not move the columns", () => {
  const rows = [["a", "1", toned("bad", "✗ no")]];

  const text = printLines(tableLines({ columns, rows }, look), { ...look, color: true });

  expect(text).toContain("\u001b[31m✗ no\u001b[39m");
  expect(stripVTControlCharacters(text).split("\n")[1]?.trimEnd()).toBe("a       1  ✗ no");
});

test("a table that is too wide shrinks only where it may, in ASCII too", () => {
  const rows = [["a-very-long-name-that-does-not-fit", "1.00", "a state that stays"]];
  const narrow = { ...look, width: 40 };

  expect(printLines(tableLines({ columns, rows }, narrow), narrow)).toBe(
    "NAME             USD  STATE\na-very-long-n…  1.00  a state that stays\n",
  );
  expect(printLines(tableLines({ columns, rows }, { ...narrow, ascii: true }), look)).toBe(
    "NAME             USD  STATE\na-very-long...  1.00  a state that stays\n",
  );
});

test("a hostile cell stays in its cell", () => {
  const text = printLines(tableLines({ columns, rows: [[hostile, "1", "ok"]] }, look), look);

  expect(text.split("\n")).toHaveLength(3);
  expect(dangersIn(text)).toEqual([]);
});

test("no line is wider than the terminal when every column may shrink", () => {
  const shrinking = columns.map(({ title }) => ({ title, shrinkTo: 1 }));
  const cell = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 4 }), (rows) => {
      const table: Table = { columns: shrinking, rows };

      for (const line of tableLines(table, look)) expect(lineWidth(line)).toBeLessThanOrEqual(80);
    }),
  );
});

test("names are whole where no terminal would break the line", () => {
  const name = "no-invoice-overdue-without-a-reminder-".repeat(3);
  const table = { columns, rows: [[name, "1.00", "ok"]] };

  const onTerminal = printLines(tableLines(table, look), look);
  const inPipe = printLines(tableLines(table, { ...look, isNarrow: false }), look);

  expect(onTerminal).not.toContain(name);
  expect(inPipe).toContain(`${name}  1.00  ok\n`);
});
