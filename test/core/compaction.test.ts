import { describe, expect, test } from "vitest";
import type { Action } from "#runner/core/action.ts";
import { compactionOf, isNothing, NO_FOLDERS, planCompaction } from "#runner/core/compaction.ts";

const NOW = "2026-03-20T10:30:00.000Z";
const OPEN_RUNS: Action = { kind: "resource-prune", project: "shop", because: "it is gone" };
const DELIVERY: Action = {
  kind: "deliver",
  project: "shop",
  because: "a file waits",
  paths: ["a.txt"],
  setAside: [],
  seen: {},
};

function folder(name: string, entries = 1): { readonly name: string; readonly entries: number } {
  return { name, entries };
}

describe("what can be folded", () => {
  test.each([
    ["a day of runs, seven days after its end", { runs: [folder("2026-03-12")] }, ["2026-03-12"]],
    ["no younger day of runs", { runs: [folder("2026-03-13")] }, []],
    [
      "a day of events, after those that agents may ask for",
      { days: [folder("2026-02-15")] },
      ["2026-02-15"],
    ],
    ["no younger day of events", { days: [folder("2026-02-16")] }, []],
    ["an hour that is over", { hours: [folder("2026-03-20/09")] }, ["2026-03-20/09"]],
    ["no hour that goes on", { hours: [folder("2026-03-20/10")] }, []],
  ])("%s", (_, folders, expected) => {
    const { runs, hours, days } = compactionOf({ ...NO_FOLDERS, ...folders }, NOW);

    expect([...runs, ...hours, ...days]).toEqual(expected);
  });

  test("the hours of a day that leaves go with it", () => {
    const folders = { runs: [], hours: [folder("2026-02-01/08")], days: [folder("2026-02-01")] };

    expect(compactionOf(folders, NOW)).toMatchObject({ hours: [], days: ["2026-02-01"] });
  });

  test("receipts are looked at where runs are folded", () => {
    const runs = { ...NO_FOLDERS, runs: [folder("2026-03-01")] };
    const hours = { ...NO_FOLDERS, hours: [folder("2026-03-01/08")] };

    expect(compactionOf(runs, NOW).receiptsBefore).toBe("2026-03-13T10:30:00.000Z");
    expect(compactionOf(hours, NOW).receiptsBefore).toBeNull();
  });

  test("one commit takes the oldest, and no more than it should", () => {
    const runs = ["2026-03-03", "2026-03-01", "2026-03-02"].map((name) => folder(name, 3000));

    expect(compactionOf({ ...NO_FOLDERS, runs }, NOW).runs).toEqual(["2026-03-01", "2026-03-02"]);
  });

  test("nothing is nothing", () => {
    expect(isNothing(compactionOf(NO_FOLDERS, NOW))).toBe(true);
    expect(isNothing(compactionOf({ ...NO_FOLDERS, hours: [folder("2026-03-01/08")] }, NOW))).toBe(
      false,
    );
  });
});

describe("when a tick compacts", () => {
  const due = {
    ...NO_FOLDERS,
    runs: [folder("2026-03-01", 200)],
    hours: [folder("2026-03-20/09", 56)],
  };
  const few = { ...due, runs: [folder("2026-03-01", 199)] };
  const later = { ...due, hours: [folder("2026-03-20/10", 56)] };

  test("when enough has gathered and nothing else is left to do", () => {
    const { actions, wake } = planCompaction(due, [], NOW);

    expect(actions).toMatchObject([
      { kind: "state-compact", compaction: { runs: ["2026-03-01"], hours: ["2026-03-20/09"] } },
    ]);
    expect(actions[0]?.because).toContain("256 files");
    expect(wake).toBeNull();
  });

  test("while a delivery is held, too", () => {
    expect(planCompaction(due, [DELIVERY], NOW).actions).toHaveLength(1);
  });

  test("not before other work is done", () => {
    expect(planCompaction(due, [OPEN_RUNS], NOW)).toEqual({ actions: [], wake: null });
  });

  test("not for a few files, and then no time is kept for it", () => {
    expect(planCompaction(few, [], NOW)).toEqual({ actions: [], wake: null });
  });

  test("as soon as enough will be old enough", () => {
    expect(planCompaction(later, [], NOW)).toEqual({
      actions: [],
      wake: "2026-03-20T11:00:00.000Z",
    });
  });
});
