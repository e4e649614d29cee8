import { expect, test } from "vitest";
import type { Observed } from "#runner/core/model.ts";
import { partedRuns } from "#runner/protocol/parted.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";
import { openRun, pipeline, step } from "../support/core-builders.ts";
import { attempt, cite } from "../support/core-records.ts";

const RUN = "chase.aaaaaaaaaaaa";
const MINE = attempt("find", { outputs: cite("mine") });
const OTHERS = attempt("find", { outputs: cite("theirs") });
const FAILED = attempt("find", { outputs: null, outcome: "crashed" });

function seen(...attempts: readonly AttemptRecord[]): Pick<Observed, "runs"> {
  return { runs: new Map([[RUN, openRun(pipeline([step("find")]), { attempts })]]) };
}

test.each([
  ["the same result is recorded", seen(MINE), seen(MINE), []],
  ["others have added a result", seen(MINE), seen(MINE, attempt("draft")), []],
  ["others have recorded another result", seen(MINE), seen(OTHERS), [RUN]],
  ["the result was lost", seen(MINE), seen(), [RUN]],
  ["a failure was replaced, which nobody went on from", seen(FAILED), seen(MINE), []],
  ["the run is over", seen(MINE), { runs: new Map() }, [RUN]],
  ["nothing was recorded before", seen(), seen(OTHERS), []],
])("where %s", (_, before, after, parted) => {
  expect([...partedRuns(before, after)]).toEqual(parted);
});
