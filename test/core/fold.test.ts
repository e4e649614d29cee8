import { expect, test } from "vitest";
import * as fc from "fast-check";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import { foldEvents, NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { Summaries } from "#runner/core/model.ts";
import type { LiveProject } from "#runner/schema/types.gen.ts";
import { pending, BLOB } from "../support/core-records.ts";
import { entriesPutBy } from "../support/counted-entries.ts";
import {
  anyEvents,
  applied,
  delivered,
  gateOpened,
  gateSettled,
  intended,
  requestSettled,
  runFinished,
  started,
  stepFinished,
} from "../support/ledger-events.ts";

const APPLIED = applied();

function fold(events: readonly LedgerEvent[]): Summaries {
  return foldEvents(NO_SUMMARIES, events);
}

function liveAfter(...events: readonly LedgerEvent[]): LiveProject | undefined {
  return fold([APPLIED, ...events]).projects.get("shop");
}

function plain({ workspace, projects, inventories, stats }: Summaries): unknown {
  return [
    workspace,
    ...[projects, inventories, stats].map((map) => Object.fromEntries<unknown>(map)),
  ];
}

test("folding one by one, or on from any point that was stored, gives the same", () => {
  fc.assert(
    fc.property(anyEvents, fc.nat(), (events, place) => {
      const cut = events.length === 0 ? 0 : place % events.length;
      const stored = structuredClone(fold(events.slice(0, cut)));

      const oneByOne = events
        .slice(cut)
        .reduce((before, event) => foldEvents(before, [event]), stored);

      expect(plain(foldEvents(stored, events.slice(cut)))).toEqual(plain(fold(events)));
      expect(plain(oneByOne)).toEqual(plain(fold(events)));
    }),
  );
});

test("an event changes nothing that it was given and touches no other project", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      let before = NO_SUMMARIES;
      for (const event of events) {
        const text = canonicalJson(plain(before));
        const after = foldEvents(before, [event]);
        expect(canonicalJson(plain(before))).toBe(text);
        const moved = event.kind === "project-applied" ? event.renamedFrom : null;
        const others = [...before.projects].filter(
          ([name]) => name !== event.project && name !== moved,
        );
        expect(others.filter(([name, live]) => after.projects.get(name) !== live)).toEqual([]);
        before = after;
      }
    }),
  );
});

test("the workspace lists the projects that have state, and no other has any", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const { workspace, projects, inventories } = fold(events);

      expect([...projects.keys()].toSorted()).toEqual(workspace.projects);
      expect([...inventories.keys()].toSorted()).toEqual(workspace.projects);
    }),
  );
});

test("an event of a project that is not there leaves no trace of one", () => {
  expect(fold([requestSettled({ project: "" }), started(), stepFinished({ ms: 0 })])).toEqual(
    NO_SUMMARIES,
  );
});

test("open runs and gates are those that were opened and not closed", () => {
  expect(liveAfter(started(), gateOpened())).toMatchObject({
    openRuns: ["chase.aaaaaaaaaaaa"],
    openGates: ["g1"],
  });
  expect(liveAfter(started(), gateOpened(), gateSettled(), runFinished())).toMatchObject({
    openRuns: [],
    openGates: [],
  });
  expect(liveAfter(started(), runFinished({ run: "chase.other" }))).toMatchObject({
    openRuns: ["chase.aaaaaaaaaaaa"],
  });
});

test("spend is added up by month", () => {
  const paid = [
    stepFinished({ costMicros: 3, at: "2026-11-30T23:59:59.999Z" }),
    stepFinished({ costMicros: 4, at: "2026-11-01T00:00:00.000Z" }),
    stepFinished({ costMicros: 5, at: "2026-12-01T00:00:00.000Z" }),
    stepFinished({ costMicros: 0, at: "2027-01-01T00:00:00.000Z" }),
  ];

  expect(liveAfter(...paid)?.spend).toEqual({ "2026-11": 7, "2026-12": 5 });
});

test("the last fifty attempts of each version are kept for forecasts; what did not run is none", () => {
  const many = Array.from({ length: 60 }, (_, ms) => stepFinished({ ms, costMicros: ms }));
  const other = stepFinished({ version: "2.0.0", outcome: "crashed", ms: 9 });
  const samples = fold([APPLIED, ...many, other]).stats.get("writer")?.versions;

  expect(samples?.["1.0.0"]).toHaveLength(50);
  expect(samples?.["1.0.0"]?.[0]).toEqual({ micros: 10, ms: 10, ok: true });
  expect(samples?.["2.0.0"]).toEqual([{ micros: 0, ms: 9, ok: false }]);
  expect(fold([stepFinished({ ms: 0 })]).stats.size).toBe(0);
});

test("effects are kept as long as the longest month, with the hour that it gains in autumn", () => {
  const first = "2026-09-30T22:00:00.000Z";
  const last = "2026-10-31T22:59:59.000Z";
  const much = "2026-12-15T00:00:00.000Z";

  expect(fold([intended({ at: first }), intended({ at: last })]).workspace.effects).toEqual({
    mailer: [first, last],
  });
  expect(fold([intended({ at: first }), intended({ at: much })]).workspace.effects).toEqual({
    mailer: [much],
  });
});

test("the instants of gates are kept for as long as a day can be", () => {
  const gates = [
    "2026-11-22T01:00:00.000Z",
    "2026-11-22T02:00:00.000Z",
    "2026-11-23T02:00:00.000Z",
    "2026-11-23T03:00:00.000Z",
  ];

  expect(fold(gates.map((at) => gateOpened({ at }))).workspace.gatesOpened).toEqual(gates.slice(1));
});

test("a gate that a slow clock dates to yesterday does not hide those of today", () => {
  const gates = ["2026-11-23T01:00:00.000Z", "2026-11-22T23:59:00.000Z"];

  expect(fold(gates.map((at) => gateOpened({ at }))).workspace.gatesOpened).toEqual(gates);
});

test("applying a version again keeps cursors, goals and runs, and ends a stall", () => {
  const stalled: LedgerEvent = {
    kind: "project-stalled",
    at: "2026-11-02T00:00:00.000Z",
    project: "shop",
    commit: "",
    reason: "x",
  };
  const at = "2026-11-03T00:00:00.000Z";
  const before = liveAfter(started({ cursor: { lastDue: at } }), stalled);
  expect(before?.stalled).toMatchObject({ reason: "x" });

  const after = liveAfter(
    started({ cursor: { lastDue: at } }),
    stalled,
    applied({ at, digest: "d2" }),
  );

  expect(after?.stalled).toBeUndefined();
  expect(after).toMatchObject({
    applied: { tree: "d2" },
    openRuns: ["chase.aaaaaaaaaaaa"],
    pipelines: { chase: { lastDue: at } },
  });
});

test("pipelines and goals that are gone are forgotten, new ones begin now", () => {
  const at = "2026-11-03T00:00:00.000Z";
  const pipelines = [{ name: "call", previousNames: [], watched: "sha256:w" }];
  const live = liveAfter(applied({ at, pipelines, goals: ["new"] }));

  expect(live?.pipelines).toEqual({ call: { since: at, seenChanges: "sha256:w" } });
  expect(Object.keys(live?.goals ?? {})).toEqual(["new"]);
});

test("names that every object inherits are names like others", () => {
  const at = "2026-11-03T00:00:00.000Z";
  const pipelines = [{ name: "constructor", previousNames: [], watched: null }];
  const added = applied({ at, pipelines, goals: ["constructor"] });
  const live = liveAfter(added, intended({ agent: "constructor" }));

  expect(live?.pipelines).toEqual({ constructor: { since: at } });
  expect(live?.goals["constructor"]?.met).toBeNull();
  expect(liveAfter(started({ pipeline: "constructor" }))).toEqual(
    liveAfter(started({ pipeline: "elsewhere" })),
  );
});

test("a pipeline under a new name keeps its cursor", () => {
  const pipelines = [{ name: "remind", previousNames: ["chase"], watched: null }];
  const lastDue = "2026-11-02T00:00:00.000Z";

  expect(
    liveAfter(started({ cursor: { lastDue } }), applied({ pipelines }))?.pipelines,
  ).toMatchObject({ remind: { lastDue } });
});

test("what a pipeline has seen of its watched files outlives a change of its manifest", () => {
  const pipelines = [{ name: "chase", previousNames: [], watched: "sha256:new" }];
  const seen = started({ cursor: { seenChanges: "sha256:old" } });

  expect(liveAfter(seen, applied({ pipelines }))?.pipelines["chase"]?.seenChanges).toBe(
    "sha256:old",
  );
});

test("a project under a new name keeps everything", () => {
  const renamed = applied({ project: "store", renamedFrom: "shop" });
  const { workspace, projects, inventories } = fold([
    APPLIED,
    started(),
    delivered({ paths: ["a"] }),
    renamed,
  ]);

  expect(workspace.projects).toEqual(["store"]);
  expect([...projects.keys()]).toEqual(["store"]);
  expect(projects.get("store")).toMatchObject({
    project: "store",
    openRuns: ["chase.aaaaaaaaaaaa"],
  });
  expect(inventories.get("store")).toMatchObject({ project: "store", owned: { a: BLOB } });
});

test("a removed project is forgotten whole", () => {
  expect(fold([APPLIED, { kind: "project-removed", at: "", project: "shop" }])).toMatchObject({
    workspace: { projects: [] },
    projects: new Map(),
    inventories: new Map(),
  });
});

test("only a run that succeeded hands on its outputs; every run is the last one", () => {
  const outputs = { cursor: "7" };
  const succeeded = runFinished({ outputs });
  const failed = runFinished({
    outputs: { cursor: "8" },
    result: "failed",
    at: "2026-11-02T00:00:00.000Z",
  });

  expect(liveAfter(succeeded, failed)?.pipelines["chase"]).toMatchObject({
    previous: outputs,
    lastRun: { result: "failed", endedAt: "2026-11-02T00:00:00.000Z" },
  });
});

test("files that a step made wait until they are delivered or set aside", () => {
  const files = stepFinished({ paths: ["a", "b", "c"] });

  expect(liveAfter(files, delivered({ paths: ["a"], setAside: ["b"] }))?.pending).toEqual([
    pending("c"),
  ]);
});

test("a file made from one that still waits replaces it, and main is compared with what it held before", () => {
  const newer = pending("a", { was: BLOB, blob: "3".repeat(40) });

  expect(
    liveAfter(stepFinished({ paths: ["a"] }), stepFinished({ pending: [newer] }))?.pending,
  ).toEqual([{ ...newer, was: null }]);
});

test("a file made from what main held replaces one that waits, and is compared with what it saw", () => {
  const newer = pending("a", { was: "4".repeat(40), blob: "3".repeat(40) });

  expect(
    liveAfter(stepFinished({ paths: ["a"] }), stepFinished({ pending: [newer] }))?.pending,
  ).toEqual([newer]);
});

test("what was seen after a delivery moves the cursor of a pipeline that exists", () => {
  expect(
    liveAfter(delivered({ seen: { chase: "sha256:x", gone: "sha256:y" } }))?.pipelines,
  ).toMatchObject({
    chase: { seenChanges: "sha256:x" },
  });
  expect(liveAfter(delivered({ seen: { gone: "sha256:y" } }))?.pipelines["gone"]).toBeUndefined();
});

test("the schedule of a pipeline that is taken away and put back begins anew, whatever a wrong clock has recorded", () => {
  const right = "2026-11-23T08:00:00.000Z";
  const wrong = "2027-11-22T08:00:00.000Z";
  const pipelines = [{ name: "chase", previousNames: [], watched: null }];

  const live = fold([
    APPLIED,
    started({ at: wrong, cursor: { lastDue: wrong } }),
    applied({ at: right, pipelines: [] }),
    applied({ at: right, pipelines }),
  ]).projects.get("shop");

  expect(live?.pipelines["chase"]).toEqual({ since: right });
});

test("what was refused is remembered with the time; what expired is not", () => {
  const at = "2026-11-02T00:00:00.000Z";
  const refused = (decision: "rejected" | "expired"): unknown =>
    fold([APPLIED, gateSettled({ at, decision, refused: ["sha256:x"] })]).inventories.get("shop")
      ?.refused;

  expect(refused("rejected")).toEqual({ "sha256:x": at });
  expect(refused("expired")).toEqual({});
});

test("what is approved after all is not refused any more", () => {
  const known = fold([
    APPLIED,
    gateSettled({ decision: "rejected", refused: ["sha256:x", "sha256:y"] }),
    gateSettled({ pardoned: ["sha256:x"] }),
  ]).inventories.get("shop");

  expect(Object.keys(known?.refused ?? {})).toEqual(["sha256:y"]);
});

test("files that a merge brought to main are owned like delivered ones", () => {
  const owned = fold([
    APPLIED,
    delivered({ paths: ["a"] }),
    gateSettled({ owned: { b: BLOB } }),
  ]).inventories.get("shop");

  expect(owned).toEqual({ project: "shop", owned: { a: BLOB, b: BLOB }, refused: {} });
});

test("what is copied for many events grows with their number alone", () => {
  const [few, many] = [200, 400].map((count) => {
    const names = Array.from({ length: count }, (_, index) => `p${index}`);
    const news = names.map((project) => applied({ project }));
    const finished = names.map((project) => stepFinished({ project, ms: 1 }));
    return entriesPutBy(() => fold([...news, ...finished]));
  });

  expect(few).toBeGreaterThan(200);
  expect(many).toBeLessThanOrEqual(2 * (few ?? 0));
});
