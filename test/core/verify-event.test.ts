import { expect, test } from "vitest";
import { canonicalJson, digestOfBytes } from "#runner/core/canonical-json.ts";
import { eventsPath } from "#runner/core/state-path.ts";
import { readEventFile } from "#runner/core/verify/verify-event.ts";

const AT = "2026-11-22T09:00:00.000Z";
const EVENT = { kind: "project-removed", at: AT, project: "shop" };

test("a file at the path of its content is read", () => {
  const text = fileOf({ transactions: [EVENT] });

  expect(readEventFile(pathOf(text), text)).toEqual({ ok: true, events: [EVENT] });
});

test.each([
  ["no JSON", "{"],
  ["no events", fileOf({ transactions: [] })],
  ["an event that nobody knows", fileOf({ transactions: [{ ...EVENT, kind: "toString" }] })],
  ["an event without a time", fileOf({ transactions: [{ kind: EVENT.kind, project: "shop" }] })],
  ["an event that is none", fileOf({ transactions: [null] })],
  ["another spelling of the same", JSON.stringify({ transactions: [EVENT] }, null, 2)],
])("%s is refused", (_, text) => {
  expect(readEventFile(pathOf(text), text)).toMatchObject({ ok: false });
});

test("a file at another path is refused", () => {
  const text = fileOf({ transactions: [EVENT] });

  expect(readEventFile(pathOf(`${text} `), text)).toMatchObject({ ok: false });
});

function fileOf(value: unknown): string {
  return `${canonicalJson(value)}\n`;
}

function pathOf(text: string): string {
  return eventsPath(AT, digestOfBytes(text));
}
