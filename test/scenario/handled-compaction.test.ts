/** Items that were handled long ago leave the tip of the state one by one, and stay known. */
import { expect, test } from "vitest";
import { look } from "#runner/loop/look.ts";
import { bookRequest } from "#runner/loop/request.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import { INBOX, lists, reads } from "../support/answering-desk.ts";
import { compact, filesOf, STATE } from "../support/compacted-shop.ts";
import { ADA, Rehearsal } from "../support/rehearsal.ts";

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

/** `fettle retry` of a run that was compacted since. */
async function retryRun(of: Rehearsal, closed: ClosedRun | undefined): Promise<void> {
  if (closed === undefined) throw new Error("there is no such run");
  const { id: run, project: owner, pipeline: name, params } = closed.run;
  await of.write(async (engine) => {
    const { observed } = await look(engine);
    const who = { id: "retry-old", by: ADA, at: engine.clock(), project: owner, pipeline: name };
    const what = { run, endedAt: closed.endedAt, params, from: null, upgrade: false } as const;
    const { signal } = new AbortController();
    await bookRequest(engine, { ...who, ...what, kind: "retry" }, { observed, signal });
  });
}

async function expectSound(of: Rehearsal): Promise<void> {
  expect((await of.verify()).findings).toEqual([]);
}

test("What was handled long ago is joined, counts as before, and can be tried once more.", async () => {
  const ids = Array.from({ length: 12 }, (_, at) => `m${at}`);
  const of = desk(...ids);
  of.plays["reader"] = (invocation, ...rest) =>
    invocation.inputs["text"] === "text of m3" ? { outcome: "auth" } : reads(invocation, ...rest);
  await of.request("desk/inbox");
  await of.tick();
  const failed = of.closedRuns().find(({ run, result }) => {
    return run.pipeline === "answer" && result === "failed";
  });
  of.pass("40d");
  await compact(of);
  expect(filesOf(of, "handled").filter((path) => !path.endsWith(".jsonl"))).toEqual([]);
  await expectSound(of);

  of.plays["reader"] = reads;
  of.plays["lister"] = lists(...ids, "m12");
  await of.request("desk/inbox");
  await of.tick();

  expect(read(of)).toHaveLength(13);
  expect(handedOver(of)).toHaveLength(13);
  expect(handedOver(of)[3]).toMatchObject({ key: "m3", outcome: "failed" });
  await retryRun(of, failed);
  await of.tick();
  await of.request("desk/inbox");
  await of.tick();
  expect(read(of)).toHaveLength(14);
  expect(handedOver(of)[3]).toMatchObject({ key: "m3", outcome: "noop" });
  of.pass("40d");
  await compact(of);
  expect(filesOf(of, "handled").filter((path) => !path.endsWith(".jsonl"))).toEqual([]);
  await of.request("desk/inbox");
  await of.tick();
  expect(read(of)).toHaveLength(14);
  await expectSound(of);
});

test("An item that is still at work, or was handled of late, keeps a file of its own.", async () => {
  const of = desk("old");
  of.plays["reader"] = (invocation, ...rest) =>
    invocation.inputs["text"] === "text of slow"
      ? { outcome: "rate-limited", retryAfterMs: 15 * 86_400_000 }
      : reads(invocation, ...rest);
  await of.request("desk/inbox");
  await of.tick();
  of.pass("40d");
  of.plays["lister"] = lists("slow", "late");
  await of.request("desk/inbox");
  await of.tick();

  await compact(of);

  const files = filesOf(of, "handled").map((path) => [path, of.text(path, STATE)] as const);
  const own = files.filter(([path]) => !path.endsWith(".jsonl"));
  expect(files).toHaveLength(3);
  expect(own.map(([, text]) => JSON.parse(text ?? "").item)).toEqual(
    expect.arrayContaining(["slow", "late"]),
  );
  expect(own).toHaveLength(2);
});
