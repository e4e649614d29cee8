import { expect, test } from "vitest";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import { forgeRecord, type Json, STATE } from "../support/forged-state.ts";
import { INBOX, lists, reads } from "../support/answering-desk.ts";
import { pipeline } from "../support/company.ts";
import { Rehearsal, type Play } from "../support/rehearsal.ts";
import { rewriteFrom } from "../support/rewrite-branch.ts";

const die: Play = () => {
  throw new Error("the power is gone");
};

function desk(...ids: readonly string[]): Rehearsal {
  return new Rehearsal({
    files: INBOX,
    plays: { lister: lists(...ids), reader: reads, scribe: () => ({}) },
  });
}

function read({ calls }: Rehearsal): readonly unknown[] {
  return calls.flatMap(({ agent: { name }, inputs }) =>
    name === "reader" ? [inputs["text"]] : [],
  );
}

function handedOver(of: Rehearsal): readonly unknown[] {
  const { inputs } = of.calls.findLast(({ inputs: given }) => "items" in given) ?? {};
  return [inputs?.["items"]].flat();
}

async function expectSound(of: Rehearsal): Promise<void> {
  expect((await of.verify()).findings).toEqual([]);
}

test("Every message of an inbox is handled once, however often it is listed.", async () => {
  const of = desk("m1", "m2");
  await of.request("desk/inbox");
  await of.tick();
  of.plays["lister"] = lists("m2", "m3", "m1");
  await of.request("desk/inbox");

  await of.tick();

  expect(read(of)).toEqual(["text of m1", "text of m2", "text of m3"]);
  expect(handedOver(of)).toMatchObject([
    { key: "m2", outcome: "noop", outputs: { answer: "read text of m2" } },
    { key: "m3", outcome: "succeeded", outputs: { answer: "read text of m3" } },
    { key: "m1", outcome: "noop" },
  ]);
  const ends = of.closedRuns().map(({ run, result }) => `${run.pipeline} ${result}`);
  expect(ends.toSorted()).toEqual([
    "answer succeeded",
    "answer succeeded",
    "answer succeeded",
    "inbox succeeded",
    "inbox succeeded",
  ]);
  await expectSound(of);
});

test("A message whose run was cancelled along with the inbox is handled when the inbox runs again.", async () => {
  const of = desk("m1");
  of.plays["reader"] = () => ({ outcome: "rate-limited" });
  await of.request("desk/inbox");
  await of.tick();
  await of.cancel("inbox");
  await of.tick();
  of.plays["reader"] = reads;
  await of.request("desk/inbox");

  await of.tick();

  expect(handedOver(of)).toMatchObject([{ key: "m1", outcome: "succeeded" }]);
  await expectSound(of);
});

test("A message that failed counts as handled when its run is tried once more and succeeds.", async () => {
  const of = desk("m1");
  of.plays["reader"] = () => ({ outcome: "auth" });
  await of.request("desk/inbox");
  await of.tick();
  of.plays["reader"] = reads;
  await of.retry("answer");
  await of.tick();
  await of.request("desk/inbox");

  await of.tick();

  expect(handedOver(of)).toMatchObject([
    { key: "m1", outcome: "noop", outputs: { answer: "read text of m1" } },
  ]);
  await expectSound(of);
});

test("A message whose run is tried once more is handled by nobody else meanwhile, and its end is that of the last try.", async () => {
  const of = desk("m1");
  of.plays["reader"] = () => ({ outcome: "rate-limited" });
  await of.request("desk/inbox");
  await of.tick();
  await of.cancel("inbox");
  await of.tick();
  await of.retry("answer");
  await of.tick();
  await of.request("desk/inbox");

  const { holds } = await of.tick();
  expect(read(of)).toEqual(["text of m1", "text of m1"]);
  expect(holds.map(({ why }) => why)).toContainEqual(
    expect.stringMatching(/^it waits for answer\./),
  );
  of.plays["reader"] = () => ({ outcome: "auth" });
  of.pass("1d");
  await of.tick();

  expect(read(of)).toHaveLength(3);
  expect(of.closedRuns().filter(({ run: { pipeline: name } }) => name === "inbox")).toMatchObject([
    { result: "cancelled" },
    { result: "failed", reason: expect.stringMatching(/answer\.\w+ of inbox\.\w+ failed/) },
  ]);
  await expectSound(of);
});

test("Who tries a message once more is recorded as its event says.", async () => {
  const of = desk("m1");
  of.plays["reader"] = () => ({ outcome: "auth" });
  await of.request("desk/inbox");
  await of.tick();
  of.plays["reader"] = () => ({ outcome: "rate-limited" });
  await of.retry("answer");
  await of.tick();
  const sound = await of.verify();
  const at = of.operator.git("log", "-1", "--format=%H", STATE, "--", "handled");
  const path = of.operator.git("ls-tree", "-r", "--name-only", STATE, "handled/");
  const record: Json = JSON.parse(of.operator.git("show", `${STATE}:${path}`));
  const text = `${canonicalJson({ ...record, retriedBy: "answer.aaaaaaaaaaaa" })}\n`;

  rewriteFrom(of.operator, { branch: STATE, at }, () => ({ [path]: text }));

  expect(sound.findings).toEqual([]);
  const { findings } = await of.verify();
  expect(findings.map(({ message }) => message)).toEqual(["retriedBy is not what the event says"]);
});

test("A message that was handled stays handled when its run is tried once more and fails.", async () => {
  const of = desk("m1");
  await of.request("desk/inbox");
  await of.tick();
  of.plays["reader"] = () => ({ outcome: "auth" });
  await of.retry("answer", { from: "read" });
  await of.tick();
  await of.request("desk/inbox");

  await of.tick();

  expect(read(of)).toHaveLength(2);
  expect(handedOver(of)).toMatchObject([{ key: "m1", outcome: "noop" }]);
  await expectSound(of);
});

test("That a message was handled, and with what result, is recorded apart from its run, for ever.", async () => {
  const of = desk("m1");
  await of.request("desk/inbox");
  await of.tick();
  const kept = of.operator.git("ls-tree", "-r", "--name-only", "fettle/state", "handled/");
  expect(kept.split("\n")).toHaveLength(1);
  const [run] = of.closedRuns().filter(({ run: { pipeline: name } }) => name === "answer");
  expect(JSON.parse(of.text(kept, "fettle/state") ?? "")).toMatchObject({
    run: run?.run.id,
    item: "m1",
    end: { result: "succeeded", outputs: { answer: "read text of m1" } },
  });
});

test("What the record of a message says is held against the run that handled it.", async () => {
  const of = desk("m1");
  await of.request("desk/inbox");
  await of.tick();
  const forge = (change: (record: Json) => Json): void =>
    forgeRecord(of.operator, String.raw`^handled/.*\.json$`, change);

  forge((record) => ({ ...record, item: "m2" }));

  const { findings } = await of.verify();
  expect(findings.map(({ message }) => message)).toContain("item is not what the event says");
});

test("A run that is not told to whom it belongs at its end is a finding.", async () => {
  const of = desk("m1");
  await of.request("desk/inbox");
  await of.tick();
  const [run] = of.closedRuns().filter(({ run: { pipeline: name } }) => name === "answer");

  forgeRecord(of.operator, String.raw`^runs/.*/answer\..*\.json$`, (record) => ({
    ...record,
    run: { ...run?.run, trigger: { kind: "schedule", due: run?.endedAt } },
  }));

  const { findings } = await of.verify();
  expect(findings.map(({ message }) => message)).toContain("no run waits for it");
});

test.each(["list", "each run", "its end"])(
  "A runner that is killed after %s handles no message twice and forgets none.",
  async (after) => {
    const of = desk("m1", "m2");
    let readings = 0;
    const plays: Readonly<Record<string, Readonly<Record<string, Play>>>> = {
      list: { reader: die },
      "each run": {
        reader: (call, signal) => ((readings += 1) > 1 ? die(call, signal) : reads(call, signal)),
      },
      "its end": { scribe: die },
    };
    Object.assign(of.plays, plays[after]);
    await of.request("desk/inbox");
    await expect(of.tick()).rejects.toThrow("the power is gone");
    Object.assign(of.plays, { reader: reads, scribe: () => ({}) });

    await of.tick();
    await of.request("desk/inbox");
    await of.tick();

    const runs = of.closedRuns().filter(({ run: { pipeline: name } }) => name === "answer");
    expect(runs.map(({ run }) => String(run.params["text"])).toSorted()).toEqual([
      "text of m1",
      "text of m2",
    ]);
    expect(handedOver(of)).toMatchObject([
      { key: "m1", outcome: "noop" },
      { key: "m2", outcome: "noop" },
    ]);
    await expectSound(of);
  },
);

test("While runs of a step are open the next tick writes nothing.", async () => {
  const of = desk("m1");
  of.operator.commit(
    pipeline(
      "desk/answer",
      [
        { id: "read", agent: "reader", with: { text: "${{ params.text }}" } },
        {
          id: "ask",
          gate: "Answer it",
          ask: "always",
          show: { text: "${{ steps.read.outputs }}" },
        },
      ],
      { params: { text: { type: "string" } } },
    ),
    "Ask before it is answered",
  );
  await of.request("desk/inbox");
  const { holds } = await of.tick();
  const refs = of.operator.git("for-each-ref");

  await of.tick();

  expect(of.operator.git("for-each-ref")).toBe(refs);
  expect(holds.map(({ why }) => why)).toContainEqual(
    expect.stringMatching(/^it waits for answer\./),
  );
  await expectSound(of);
});
