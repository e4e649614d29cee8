/** Operators, strangers, bots and the clock act at random on a gate; what must come of it is reckoned by other means than `decide`. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ForgeAccount, ForgeFacts, ForgeReview } from "#runner/core/forge/forge-facts.ts";
import { decide, type Decidable, type GateState } from "#runner/core/gate/gate-state.ts";
import { ADA, BLOB, gateItem, MAIN, openGate } from "../support/core-records.ts";

const NOW = "2026-11-22T10:00:00.000Z";
const EVE = "eve@elsewhere.example";
const OTHER = "c".repeat(40);
const item = gateItem("a", { text: "A" });

/** As often not as it is. */
function maybe<Value>(some: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.oneof(fc.constant(null), some);
}

const before = fc.constantFrom("2026-11-22T07:00:00.000Z", "2026-11-22T09:00:00.000Z");
const instant = fc.oneof(before, fc.constantFrom(NOW, "2026-11-22T12:00:00.000Z"));
const who = fc.constantFrom<string | null>(ADA, EVE, null);
const account = fc.constantFrom<ForgeAccount>(
  { login: "ada", isBot: false },
  { login: "eve", isBot: false },
  { login: "ada", isBot: true },
);
const word = fc.constantFrom("approved", "rejected", "changes", "yes");

const onMain = fc.record({
  approver: who,
  decision: word,
  planDigest: fc.constantFrom("sha256:1", "sha256:2"),
  item: fc.constantFrom("as proposed", "edited", "broken", "deleted"),
});

const review = fc
  .record({
    account,
    state: fc.constantFrom<ForgeReview["state"]>(
      "approved",
      "changes-requested",
      "commented",
      "dismissed",
    ),
    commit: fc.constantFrom(MAIN, OTHER),
  })
  .map(({ account: by, ...said }): ForgeReview => ({ ...by, ...said, at: NOW, text: "shorter" }));

const forge = fc.record<ForgeFacts>({
  state: fc.constantFrom("open", "closed", "merged", "none"),
  closedBy: maybe(account),
  mergedBy: maybe(account),
  reviews: fc.array(review, { maxLength: 3 }),
  mergeable: fc.constantFrom(true, false, null),
  draft: fc.boolean(),
});

const scene = fc.record({
  onMain: maybe(onMain),
  takenBack: maybe(who),
  branchHead: fc.constantFrom<string | null>(MAIN, MAIN, OTHER, null),
  onBranch: maybe(word),
  absentSince: maybe(instant),
  conflicts: fc.constantFrom<readonly string[]>([], [], ["a.md"]),
  remarkedBy: fc.constantFrom<string | null>(null, null, ADA),
  forge: maybe(forge),
  request: fc.constantFrom<"none" | "reject" | "retry">("none", "none", "reject", "retry"),
  answerBy: maybe(instant),
  onExpire: fc.constantFrom<"reject" | "keep">("reject", "keep"),
  vetoUntil: maybe(instant),
  veto: fc.constantFrom<string | undefined>(undefined, "1h", "4h", "90h"),
  putOff: maybe(instant),
  risk: fc.constantFrom(40, 70),
});

type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

const OUTPUTS = { "as proposed": { text: "A" }, edited: { text: "B" }, broken: null } as const;

function itemsOf(
  how: NonNullable<Scene["onMain"]>["item"],
): ReadonlyMap<
  string,
  { readonly blob: string; readonly outputs: unknown; readonly problem: string | null }
> {
  if (how === "deleted") return new Map();
  const problem = how === "broken" ? "text is missing" : null;
  return new Map([[item.path, { blob: BLOB, outputs: OUTPUTS[how], problem }]]);
}

function mainOf(main: NonNullable<Scene["onMain"]>): Decidable["gate"]["facts"]["onMain"] {
  const { approver, decision, planDigest } = main;
  const says = { decision, note: "shorter", planDigest };
  const found = { commit: MAIN, approver, says, items: itemsOf(main.item) };
  return { ...found, deliverables: new Map() };
}

function decidable(seen: Scene): Decidable {
  const { onMain: main, takenBack, onBranch, answerBy, onExpire, absentSince, vetoUntil } = seen;
  const request = { id: "r1", kind: "reject", gate: "chase-1", by: ADA, reason: "no" } as const;
  const asked = {
    ...request,
    at: NOW,
    ...(seen.request === "retry" ? { retry: true as const } : {}),
  };
  return {
    gate: openGate(
      {
        items: [item],
        planDigest: "sha256:1",
        openedAt: "2026-11-22T06:00:00.000Z",
        answerBy,
        onExpire,
        absentSince,
        risk: { score: seen.risk, factors: [] },
        ...(vetoUntil === null ? {} : { vetoUntil }),
      },
      {
        branchHead: seen.branchHead,
        onBranch:
          onBranch === null ? null : { decision: onBranch, note: "shorter", planDigest: "" },
        onMain: main === null ? null : mainOf(main),
        takenBack: takenBack === null ? null : { commit: OTHER, by: takenBack },
        conflicts: seen.conflicts,
        remarkedBy: seen.remarkedBy,
        forge: seen.forge,
      },
    ),
    operators: [{ email: ADA, login: "ada" }],
    policy: seen.veto === undefined ? {} : { veto: seen.veto },
    rejection: seen.request === "none" ? undefined : asked,
    putOff: seen.putOff,
    now: NOW,
  };
}

function isAda(by: ForgeAccount | null): boolean {
  return by !== null && by.login === "ada" && !by.isBot;
}

/** Whether an operator brought to main what stands there, as far as the forge lets anybody tell. */
function isProven({ onMain: main, forge: shown }: Scene): boolean {
  if (main === null) return false;
  const isMergedThere = shown?.state === "merged" && shown.mergedBy !== null;
  return isMergedThere ? isAda(shown.mergedBy) : main.approver === ADA;
}

const HOUR_MS = 3_600_000;
const at = (text: string): number => Date.parse(text);

type Via = Extract<GateState, { kind: "rejected" }>["via"];

/** Whether somebody has done what such a rejection says. */
function mayReject(seen: Scene, via: Via): boolean {
  const { forge: shown, absentSince, branchHead } = seen;
  switch (via) {
    case "merge":
      return isProven(seen) && seen.onMain?.decision === "rejected";
    case "reject":
      return seen.request === "reject";
    case "closed":
      return shown?.state === "closed" && isAda(shown.closedBy);
    case "branch-deleted":
      return branchHead === null && absentSince !== null && absentSince < NOW;
  }
}

/** Git shows what was proposed, and nothing else. */
function isQuiet({ onMain: main, takenBack, request, branchHead, conflicts }: Scene): boolean {
  const isUnanswered = main === null && takenBack === null && request === "none";
  return isUnanswered && branchHead === MAIN && conflicts.length === 0;
}

/** Nobody has said or done anything on the forge that may be an objection. */
function isUnsaid({ remarkedBy, forge: shown }: Scene): boolean {
  if (remarkedBy !== null) return false;
  if (shown === null) return true;
  const last = shown.reviews.filter((said) => isAda(said) && said.state !== "commented").at(-1);
  return (
    shown.state !== "closed" && shown.state !== "merged" && last?.state !== "changes-requested"
  );
}

/** What must be true of every answer; each line is a promise of its own. */
const PROMISES: Readonly<Record<string, (seen: Scene, state: GateState) => boolean>> = {
  "only what an operator brought to main, of this plan and whole, is approved": (seen, state) =>
    (state.kind === "approved") ===
    (isProven(seen) &&
      seen.onMain?.decision === "approved" &&
      seen.onMain.planDigest === "sha256:1" &&
      seen.onMain.item !== "broken"),
  "an approval says truly whether it was edited": (seen, state) =>
    state.kind !== "approved" || state.edited === (seen.onMain?.item !== "as proposed"),
  "nothing is rejected but by an operator's word on main, on the forge or in a request, or a branch that is gone twice":
    (seen, state) => state.kind !== "rejected" || mayReject(seen, state.via),
  "an operator's request is heard, unless main has answered already": (seen, state) => {
    if (seen.request === "none" || state.kind === "approved") return true;
    const heard = seen.request === "retry" ? "changes-requested" : "rejected";
    return state.kind === heard || (state.kind === "rejected" && state.via === "merge");
  },
  "changes are asked for by somebody who is named, or by the branch, which proves nothing": (
    seen,
    state,
  ) => {
    if (state.kind !== "changes-requested") return true;
    switch (state.via) {
      case "reject":
        return seen.request === "retry";
      case "merge":
        return isProven(seen) && seen.onMain?.decision === "changes";
      case "review":
        return (seen.forge?.reviews ?? []).some(
          (said) => isAda(said) && said.state === "changes-requested",
        );
      case null:
        return seen.onBranch === "changes";
    }
  },
  "what was approved is taken back by an operator only": (seen, state) =>
    state.kind !== "withdrawn" || (seen.takenBack === ADA && seen.onMain === null),
  "nothing that somebody has touched, remarked on, put off or answered goes on by itself": (
    seen,
    state,
  ) => state.kind !== "not-objected" || (isQuiet(seen) && isUnsaid(seen) && seen.risk < 60),
  "nothing goes on by itself before the longest time that was told, is the rule, or was asked for":
    (seen, state) => {
      if (state.kind !== "not-objected") return true;
      const opened = at("2026-11-22T06:00:00.000Z");
      const told = at(seen.vetoUntil ?? "9999-01-01T00:00:00.000Z") - opened;
      const today = Number.parseInt(seen.veto ?? "9999h", 10) * HOUR_MS;
      const from = Math.max(opened, seen.putOff === null ? 0 : at(seen.putOff));
      return from + Math.max(told, today) <= at(NOW);
    },
  "it expires when its time is up and its pipeline says so": (seen, state) =>
    state.kind !== "expired" ||
    (seen.onExpire === "reject" && seen.answerBy !== null && seen.answerBy <= NOW),
  "what is open says why where something has happened": (seen, state) =>
    state.kind !== "open" ||
    state.doubt !== null ||
    (seen.onMain === null && seen.takenBack === null && seen.branchHead !== null),
};

const SCENES = fc.sample(scene, { seed: 8, numRuns: 5000 });

test.each(Object.entries(PROMISES))("Whatever happens to a gate, %s.", (_, holds) => {
  const broken = SCENES.find((seen) => !holds(seen, decide(decidable(seen))));

  expect(broken).toBeUndefined();
});

test("What happens at random leads to every state that a gate can be in.", () => {
  const states = SCENES.map((seen) => decide(decidable(seen)).kind);

  expect([...new Set(states)].toSorted()).toEqual([
    "approved",
    "changes-requested",
    "conflicting",
    "expired",
    "needs-fix",
    "not-objected",
    "open",
    "rejected",
    "stale",
    "withdrawn",
  ]);
});

test("Where one operator approves and another remarks, nothing goes on by itself: it is merged, or waits.", () => {
  const approval: ForgeReview = {
    login: "ada",
    isBot: false,
    state: "approved",
    commit: MAIN,
    at: NOW,
    text: "",
  };
  const quiet: Scene = {
    onMain: null,
    takenBack: null,
    branchHead: MAIN,
    onBranch: null,
    absentSince: null,
    conflicts: [],
    remarkedBy: null,
    forge: {
      state: "open",
      closedBy: null,
      mergedBy: null,
      reviews: [approval],
      mergeable: true,
      draft: false,
    },
    request: "none",
    answerBy: null,
    onExpire: "keep",
    vetoUntil: "2026-11-22T07:00:00.000Z",
    veto: "1h",
    putOff: null,
    risk: 40,
  };

  expect(decide(decidable(quiet)).kind).toBe("not-objected");
  expect(decide(decidable({ ...quiet, remarkedBy: "bea@northwind.example" }))).toMatchObject({
    kind: "open",
    doubt: { kind: "endorsed" },
  });
});
