import { expect, test } from "vitest";
import { citationsIn } from "#runner/core/memory/memory-citation.ts";
import { memoryUses } from "#runner/core/memory/memory-use.ts";
import { attempt } from "../support/core-records.ts";

const CITING = { outputs: { type: "object", properties: { cites: { type: "array" } } } } as const;
const SILENT = { outputs: { type: "object", properties: { text: { type: "string" } } } } as const;

test.each([
  ["a record that was given", ["mem_a"], { cited: ["mem_a"], notGiven: [] }],
  ["a record that was not", ["mem_a", "mem_x"], { cited: ["mem_a"], notGiven: ["mem_x"] }],
  ["one record twice", ["mem_b", "mem_b"], { cited: ["mem_b"], notGiven: [] }],
  ["nothing", [], { cited: [], notGiven: [] }],
  ["a number", [7], { cited: [], notGiven: [] }],
])("an agent that cites %s: %j", (_, cites, expected) => {
  expect(citationsIn(CITING, { cites }, ["mem_a", "mem_b"])).toEqual(expected);
});

test("an agent whose schema has no cites cites nothing, whatever it gives", () => {
  expect(citationsIn(SILENT, { cites: ["mem_a"] }, ["mem_a"])).toBeNull();
  expect(citationsIn(CITING, null, ["mem_a"])).toBeNull();
});

test("who was given a record and who cited it follows from the attempts, one that was taken over apart", () => {
  const memory = {
    recalled: [{ id: "mem_a", blob: "b", score: 1 }],
    admitted: [],
    refused: [],
    cited: ["mem_a"],
  };
  const first = attempt("draft", { memory });
  const taken = attempt("draft", { memory, keptFrom: { run: "earlier", attempt: 1 } });

  const uses = memoryUses([first, taken]);

  expect(uses.get("mem_a")).toHaveLength(1);
  expect(uses.get("mem_a")?.[0]).toMatchObject({ step: "draft", cited: true, succeeded: true });
});
