import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EventCutter } from "#runner/gateway/server-sent-events.ts";

function cut(text: string, sizes: readonly number[]): readonly (string | undefined)[] {
  const cutter = new EventCutter();
  const bytes = Buffer.from(text);
  const data: (string | undefined)[] = [];
  const said: Buffer[] = [];
  let start = 0;
  for (let turn = 0; start < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    for (const event of cutter.push(bytes.subarray(start, start + size))) {
      data.push(event.data);
      said.push(event.bytes);
    }
    start += size;
  }
  const last = cutter.end();
  if (last.bytes.length > 0) data.push(last.data);
  expect(Buffer.concat([...said, last.bytes]).toString()).toBe(text);
  return data;
}

test.each([
  ["data: a\n\ndata: b\n\n", ["a", "b"]],
  ["event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
  ["data:a\ndata: b\n\n", ["a\nb"]],
  [": comment\n\ndata: a\n\n", [undefined, "a"]],
  ["data: a\n\ndata: ha", ["a", "ha"]],
  ["data: grüße 你好\n\n", ["grüße 你好"]],
])("%j is cut into %j, wherever it is torn", (text, expected) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
      expect(cut(text, sizes)).toEqual(expected);
    }),
  );
});

test("what is longer than any event goes through without being read", () => {
  const cutter = new EventCutter();
  const chunk = Buffer.alloc(5 * 1024 * 1024, "x");

  expect(cutter.push(chunk)).toEqual([]);
  expect(cutter.push(chunk)).toMatchObject([{ data: undefined }]);
  expect(cutter.end().bytes).toHaveLength(0);
});
