import { expect, test } from "vitest";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { decisionPath } from "#runner/core/state-path.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { bookBeside, verified } from "../support/forged-state.ts";
import { addOrigin, cloneOf, makeRepository, type FileTexts } from "../support/git-repo.ts";
import { approve, reasons } from "../support/mail-shop.ts";
import { ADA, made, Rehearsal } from "../support/rehearsal.ts";

const POLICY = { autoBelow: 5, gateFrom: 60, veto: "4h" };

/** A note is written, shown, published as a file and posted. */
function noteCompany(policy: object = POLICY): FileTexts {
  return {
    ...settings({ policy }),
    ...project("shop"),
    ...agent("writer", { writes: ["${{ project.dir }}/note.md"] }),
    ...agent("poster", { effects: "external", idempotency: "native" }),
    ...pipeline("shop/note", [
      { id: "draft", agent: "writer" },
      { id: "review", gate: "Post the note", show: { note: "${{ steps.draft.outputs }}" } },
      {
        id: "post",
        agent: "poster",
        with: { text: "${{ steps.review.approved.note.text }}" },
        once: { key: "note/${{ run.id }}" },
        compensate: { none: "it was read" },
      },
    ]),
  };
}

const PLAYS = {
  writer: () => ({ ...made("projects/shop/note.md", "one\ntwo\n"), outputs: { text: "Hello" } }),
  poster: () => ({ receipt: { id: 1 } }),
};

async function noteShop(policy?: object): Promise<Rehearsal> {
  const shop = new Rehearsal({ files: noteCompany(policy), plays: PLAYS });
  await shop.request("shop/note");
  await shop.tick();
  return shop;
}

function posted({ calls }: Rehearsal): readonly unknown[] {
  return calls.filter((call) => call.agent.name === "poster").map(({ inputs }) => inputs);
}

test("A gate of middle risk waits for an objection, then goes on, and nobody is said to have approved it.", async () => {
  const shop = await noteShop();
  const gate = await shop.gate();
  expect(gate.deliverables).toMatchObject([{ path: "projects/shop/note.md", lines: 2 }]);
  expect(shop.text(`${gate.folder}/decision.md`, gate.branch)).toContain("goes on by itself");
  const refs = shop.operator.git("for-each-ref");

  shop.pass("3h");
  const waiting = await shop.tick();
  expect(reasons(waiting)).toEqual(["awaiting-approval"]);
  expect(waiting.plan?.nextWake).toBe(gate.vetoUntil);
  expect(shop.operator.git("for-each-ref")).toBe(refs);
  expect(posted(shop)).toEqual([]);

  shop.pass("1h");
  await shop.tick();

  expect(posted(shop)).toEqual([{ text: "Hello" }]);
  expect(shop.text("projects/shop/note.md")).toBe("one\ntwo");
  expect(shop.closedRuns()).toMatchObject([
    { result: "succeeded", gates: [{ decision: "not-objected", by: "fettle", via: "veto" }] },
  ]);
  expect(shop.operator.git("branch", "--list", "fettle/gate/*")).toBe("");
  expect((await shop.verify()).verdict).toBe("verified");
});

test("What nobody objected to goes on in the same tick, also where a part of the outputs is shown and no file.", async () => {
  const shop = new Rehearsal({
    files: {
      ...noteCompany(),
      ...agent("writer", {}),
      ...pipeline("shop/note", [
        { id: "draft", agent: "writer" },
        { id: "review", gate: "Post the note", show: { text: "${{ steps.draft.outputs.text }}" } },
        {
          id: "post",
          agent: "poster",
          with: { text: "${{ steps.review.approved.text }}" },
          once: { key: "note/${{ run.id }}" },
          compensate: { none: "it was read" },
        },
      ]),
    },
    plays: { ...PLAYS, writer: () => ({ outputs: { text: "Hello" } }) },
  });
  await shop.request("shop/note");
  await shop.tick();

  shop.pass("4h");
  await shop.tick();

  expect(posted(shop)).toEqual([{ text: "Hello" }]);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

test("Who objects in time is heard, who changes the branch is waited for, and rules see what was approved before.", async () => {
  const rules = [{ when: "'agent' in action.novelty", add: 15 }];
  const shop = await noteShop({ ...POLICY, rules });
  const first = await shop.gate();
  expect(first.risk.score).toBe(55);

  shop.operator.git("switch", "--quiet", first.branch);
  shop.operator.commit({ "projects/shop/note.md": "three\n" });
  shop.operator.git("switch", "--quiet", "main");
  shop.pass("1d");
  expect(reasons(await shop.tick())).toEqual(["awaiting-approval"]);
  await approve(shop);
  await shop.tick();
  expect(posted(shop)).toHaveLength(1);
  const { projects } = (await shop.look()).observed.summaries;
  expect(projects.get("shop")?.approvedMakers).toEqual(["poster@1.0.0", "writer@1.0.0"]);

  await shop.request("shop/note");
  await shop.tick();
  const second = await shop.gate();
  expect(second.risk.score).toBe(40);
  await shop.reject(second.id, "not again");
  shop.pass("1d");
  await shop.tick();

  expect(posted(shop)).toHaveLength(1);
  expect(shop.closedRuns().at(-1)).toMatchObject({
    result: "rejected",
    gates: [{ decision: "rejected", by: ADA }],
  });
  expect((await shop.verify()).verdict).toBe("verified");
});

test("While the origin cannot be reached nothing goes on for want of an objection.", async () => {
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  const origin = addOrigin(operator);
  const shop = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: PLAYS });
  await shop.request("shop/note");
  await shop.tick();
  const away = `${origin.path}-away`;

  shop.operator.git("remote", "set-url", "origin", away);
  shop.pass("5h");
  await shop.tick();
  expect(posted(shop)).toEqual([]);
  expect(await shop.gate()).toMatchObject({ step: "review" });

  shop.operator.git("remote", "set-url", "origin", origin.path);
  await shop.tick();
  expect(posted(shop)).toHaveLength(1);
});

test("A gate that went on before its time is found by verify.", async () => {
  const shop = await noteShop();
  const { id: gate, run } = await shop.gate();
  const at = "2026-03-02T10:00:00.000Z";
  const how = { decision: "not-objected", by: "fettle", via: "veto", reason: "" } as const;
  const step = { run, step: "review", gate, ...how };
  const event: LedgerEvent = {
    kind: "gate-settled",
    at,
    project: "shop",
    ...step,
    refused: [],
    pending: [],
    owned: {},
  };
  const decision = { ...step, at, commit: null, risk: 40, items: [], files: {} };

  await bookBeside(shop.operator.path, event, [[decisionPath(run, "review"), decision]]);

  expect((await verified(shop.operator.path)).findings).toContainEqual(
    expect.objectContaining({ message: "an operator could still object" }),
  );
});
