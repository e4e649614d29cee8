import { readFileSync } from "node:fs";
import { fixtureGroup, type EvalGroup } from "#runner/retrieval/eval-set.ts";

/** The studio's year, as `fettle memory eval` reads it. */
export function studioYear(): EvalGroup {
  const [records, questions] = ["records", "questions"].map((name) =>
    readFileSync(`test/retrieval/fixture/${name}.jsonl`, "utf8"),
  );
  return fixtureGroup(records ?? "", questions ?? "");
}
