import { expect, test } from "vitest";
import { isName, manifestAt } from "#runner/schema/paths.ts";
import common from "../../schemas/common.schema.json" with { type: "json" };

test.each([
  ["fettle.yaml", { kind: "workspace", name: "fettle", owner: null }],
  ["projects/dunning/project.yaml", { kind: "project", name: "dunning", owner: null }],
  ["projects/dunning/pipelines/chase.yaml", { kind: "pipeline", name: "chase", owner: "dunning" }],
  ["agents/mailer/agent.yaml", { kind: "agent", name: "mailer", owner: null }],
  ["agents/mailer/contract/down.yaml", { kind: "contract", name: "down", owner: "mailer" }],
  ["memory/org/fact/2026-10/Terms.md", { kind: "memory", name: "Terms", owner: "org" }],
])("%s holds %j", (path, place) => {
  expect(manifestAt(path)).toEqual(place);
});

test.each([
  "projects/collections/invoices.csv",
  "projects/collections/clients/acme.yaml",
  "agents/mailer/contract/fixture/data.yaml",
  "memory/collections/decisions/review-abc/decision.md",
  "docs/fettle.yaml",
])("%s is the workspace's own business", (path) => {
  expect(manifestAt(path)).toBeUndefined();
});

test.each([
  ["projects/dunning/pipelines/My_Brief.yaml", "My_Brief cannot be a name"],
  ["projects/Collections/project.yaml", "Collections cannot be a name"],
  ["projects/a_b/pipelines/x.yaml", "a_b cannot be a name"],
  ["agents/-mailer/agent.yaml", "-mailer cannot be a name"],
  ["projects/collections/project.yml", "a manifest ends in .yaml, not .yml"],
  ["agents/mailer/agent.json", "a manifest ends in .yaml, not .json"],
])("%s is in the wrong place", (path, message) => {
  expect(manifestAt(path)).toMatchObject({ kind: "misplaced", message });
});

test("a name here is a name in every manifest and record", () => {
  const { pattern, maxLength } = common.definitions.name;
  const names = ["a", "chase-invoices", "a".repeat(63), "a".repeat(64), "-a", "a-", "A", "a_b", ""];

  expect(names.filter(isName)).toEqual(
    names.filter((name) => new RegExp(pattern).test(name) && name.length <= maxLength),
  );
});
