import { expect, test, vi } from "vitest";
import { attemptPath } from "#runner/core/state-path.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import { agent, noteCompany, pipeline, project, settings } from "../support/company.ts";
import { commitOf, STATE } from "../support/forged-state.ts";
import { addOrigin, cloneOf } from "../support/git-repo.ts";
import { Rehearsal } from "../support/rehearsal.ts";
import { rewriteFrom } from "../support/rewrite-branch.ts";

/** Its steps take until what came before them is durable. */
function desk(): Rehearsal {
  const of: Rehearsal = new Rehearsal({
    files: {
      ...settings(),
      ...project("desk"),
      ...agent("scribe"),
      ...pipeline("desk/notes", [
        { id: "one", agent: "scribe" },
        { id: "two", agent: "scribe", needs: ["one"] },
        { id: "three", agent: "scribe", needs: ["two"] },
      ]),
    },
    plays: { scribe: () => lasting(of) },
  });
  return of;
}

const SUBJECTS = ["run notes: started", "run notes: step one succeeded", "run notes: step two"];

async function lasting(of: Rehearsal): Promise<object> {
  const awaited = SUBJECTS[(of.calls.length - 1) % SUBJECTS.length] ?? "";
  await vi.waitFor(() => expect(subjects(of, "--all").join()).toContain(awaited), 60_000);
  return {};
}

function subjects(of: Rehearsal, range: string): readonly string[] {
  const log = of.operator.git("log", "--reverse", "--format=%s", range);
  return log.replaceAll(/notes\.\w+/g, "notes").split("\n");
}

test("A run of three steps in turn, each of which waits until what came before it is durable, is one commit of the branch.", async () => {
  const of = desk();
  await of.tick();
  await of.request("desk/notes");
  const asked = of.operator.git("rev-parse", STATE);

  await of.tick();

  expect(subjects(of, `${asked}..${STATE}`)).toEqual(["run notes: started (and 4 more)"]);
  expect(of.operator.git("for-each-ref", "refs/fettle/pending")).toBe("");
  expect((await of.verify()).findings).toEqual([]);
});

/** Rewrites the commit in which the run has ended; what it holds is given, with the path of the last attempt. */
async function findingsOf(
  forge: (closed: ClosedRun, last: string) => Readonly<Record<string, object>>,
): Promise<readonly string[]> {
  const of = desk();
  await of.tick();
  await of.request("desk/notes");
  await of.tick();
  const { commit, path } = commitOf(of.operator, "^runs/");
  const [closed] = of.closedRuns();
  if (closed === undefined) throw new Error("the run did not end");
  const forged = forge(closed, attemptPath(closed.run.id, { step: "three", item: null }, 1));
  const texts = new Map(
    Object.entries({ [path]: closed, ...forged }).map(([name, record]) => {
      return [name === "closed" ? path : name, `${canonicalJson(record)}\n`] as const;
    }),
  );
  rewriteFrom(of.operator, { branch: STATE, at: commit }, () => Object.fromEntries(texts));
  return (await of.verify()).findings.map(({ message }) => message);
}

test("A result that only the closed run holds is what its event says.", async () => {
  const findings = await findingsOf((closed) => {
    const attempts = closed.attempts.map((one) =>
      one.step === "three" ? { ...one, outcome: "noop" } : one,
    );
    return { closed: { ...closed, attempts } };
  });

  expect(findings).toEqual(["outcome is not what was recorded before or what the event says"]);
});

test("A closed run holds every result of its commit, and none that no event tells of.", async () => {
  const without = await findingsOf((closed) => {
    return { closed: { ...closed, attempts: closed.attempts.slice(0, 2) } };
  });
  const more = await findingsOf((closed) => {
    const again = closed.attempts.map((one) => ({ ...one, attempt: 2 }));
    return { closed: { ...closed, attempts: [...closed.attempts, ...again] } };
  });

  expect(without).toEqual(["it is missing"]);
  expect(more).toEqual(["attempts is not what was recorded before or what the event says"]);
});

test("A result whose run has ended is not left behind.", async () => {
  const findings = await findingsOf((closed, last) => {
    const attempt = closed.attempts.find(({ step }) => step === "three");
    return { [last]: { ...attempt } };
  });

  expect(findings).toContain("it should be gone");
});

test("A result whose commit tells of the end of its run, too, is kept when another runner was faster.", async () => {
  const files = { ...noteCompany(), ...project("other") };
  const shop = new Rehearsal({ files, plays: {} });
  const origin = addOrigin(shop.operator);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: {} });
  shop.plays["scribe"] = async () => {
    other.operator.write(project("other", { summary: "Changed." }));
    other.operator.git("commit", "--quiet", "--all", "--message=Change");
    other.operator.git("push", "--quiet", "origin", "main");
    await other.tick();
    return {};
  };
  await shop.request("shop/note");

  await shop.tick();
  await shop.tick();

  expect(shop.calls).toHaveLength(1);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded", attempts: [{ attempt: 1 }] }]);
  expect((await shop.verify()).findings).toEqual([]);
});
