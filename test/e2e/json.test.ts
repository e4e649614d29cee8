import { afterAll, beforeAll, expect, test } from "vitest";
import { makeDesk, openGate, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;
let ticked: readonly unknown[];
let gate: string;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
  await company.fettle("run", "note");
  const { stdout } = await company.fettle("reconcile", "--json");
  ticked = stdout.trimEnd().split("\n").map(parsed);
  gate = await openGate(company);
});
afterAll(desk.remove);

test("reconcile prints the events as they happen, then a summary", () => {
  expect(ticked.slice(0, -1)).toEqual(
    ticked
      .slice(0, -1)
      .map(() => expect.objectContaining({ kind: expect.any(String), at: expect.any(String) })),
  );
  expect(ticked).toContainEqual(expect.objectContaining({ kind: "gate-opened", gate }));
  expect(ticked.at(-1)).toMatchObject({
    kind: "summary",
    end: { kind: "settled" },
    booked: expect.any(Number),
    holds: [expect.objectContaining({ reason: "awaiting-approval" })],
  });
});

test.each([
  [["plan"], { actions: [], holds: [{}], digest: expect.stringMatching(/^sha256:/u) }],
  [["status"], { gates: [{ title: "Keep the note" }], projects: { shop: {} } }],
  [["approve"], [{ title: "Keep the note", risk: { score: expect.any(Number) } }]],
  [["runs"], [{ record: { pipeline: "note" }, end: null }]],
  [["timeline", "note"], { record: { pipeline: "note" } }],
  [["explain", "shop/note"], { title: expect.any(String), sections: expect.any(Array) }],
  [["attest", "note/write"], [{ _type: "https://in-toto.io/Statement/v1" }]],
  [["validate"], { violations: [], checked: 8 }],
  [["verify"], { verdict: "verified" }],
  [["init", "."], { folder: expect.any(String), written: [] }],
])("%j answers with one object on standard output", async (args, shape) => {
  const { code, stdout, stderr } = await company.fettle("--json", ...args);

  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(parsed(stdout)).toMatchObject(shape);
});

test.each([
  [["statsu"], "usage"],
  [["explain", "nope"], "usage"],
])("%j answers with an error that has a code and a hint", async (args, code) => {
  const { stdout, stderr } = await company.fettle("--json", ...args);

  expect(stderr).toBe("");
  expect(parsed(stdout)).toEqual({
    error: expect.objectContaining({ code, message: expect.any(String), hint: expect.any(String) }),
  });
});

test("what is asked for and what is decided is told as data too", async () => {
  const asked = await company.fettle("--json", "run", "nap", "--reason", "a test");
  const approved = await company.fettle("--json", "approve", gate);

  expect(parsed(asked.stdout)).toMatchObject({ kind: "run", pipeline: "nap", reason: "a test" });
  expect(parsed(approved.stdout)).toMatchObject({
    gate,
    commit: expect.stringMatching(/^[0-9a-f]{40}$/u),
  });
});

function parsed(text: string): unknown {
  return JSON.parse(text);
}
