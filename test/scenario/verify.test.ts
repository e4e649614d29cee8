import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { EventOf, LedgerEvent } from "#runner/core/ledger-event.ts";
import { withDropped } from "#runner/core/payload-tombstones.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import {
  bookBeside,
  commitOf,
  dropPayload,
  forgeRecord,
  foundOutputs,
  type Json,
  payloadFile,
  readJson,
  STATE,
  verified,
} from "../support/forged-state.ts";
import {
  cloneOf,
  makeFolder,
  repositoryAt,
  runGit,
  type TestRepository,
} from "../support/git-repo.ts";
import { appendCommit, rewriteFrom } from "../support/rewrite-branch.ts";
import { makeStudio, mergeGates, tickStudio } from "../support/worked-studio.ts";

const ADA = "ada@northwind.example";
const NOW = "2026-11-22T09:00:00.000Z";
const LATER = "2026-11-22T10:00:00.000Z";

let worked: TestRepository;

/** One whole run: goal, measurement, drafts, gate, merge, mails, record, delivery. */
beforeAll(async () => {
  worked = makeStudio();
  await tickStudio(worked.path, NOW);
  mergeGates(worked);
  await tickStudio(worked.path, LATER);
});

afterAll(() => rmSync(worked.path, { recursive: true, force: true }));

/** A copy to forge in, as a stranger would have it: without the runner's own folder. */
function copyOfStudio(): TestRepository {
  const [from, path] = [join(worked.path, ".git"), join(makeFolder(), "studio")];
  cpSync(from, join(path, ".git"), {
    recursive: true,
    filter: (source) => source !== join(from, "fettle"),
  });
  return repositoryAt(path);
}

async function rulesOf(repository: TestRepository): Promise<readonly string[]> {
  const { findings } = await verified(repository.path);
  return [...new Set(findings.map(({ rule }) => rule))].toSorted();
}

function stalled(repository: TestRepository): LedgerEvent {
  const commit = repository.git("rev-parse", "main");
  return { kind: "project-stalled", at: LATER, project: "collections", commit, reason: "a test" };
}

function dropped(
  repository: TestRepository,
  month: string,
  digest: string,
): EventOf<"payload-dropped"> {
  const head = repository.git("rev-parse", `fettle/payload/${month}`);
  const place = { month, digests: [digest], from: head, head } as const;
  return { kind: "payload-dropped", at: LATER, project: "", by: "ada", rule: "a test", ...place };
}

describe("a history that holds", () => {
  test("is verified, with everything that the run did", async () => {
    const { verdict, checked, findings } = await verified(worked.path);

    expect(findings).toEqual([]);
    expect(verdict).toBe("verified");
    expect(checked.commits).toBe(Number(worked.git("rev-list", "--count", STATE)));
    expect(checked).toMatchObject({ approvals: 1, deliveries: 1, expired: 0 });
    expect(checked.payloads).toBeGreaterThan(20);
  });

  test("is verified from a bare clone", async () => {
    const path = join(makeFolder(), "bare.git");
    runGit(worked.path, ["clone", "--quiet", "--bare", worked.path, path]);

    expect(await verified(path)).toEqual(await verified(worked.path));
  });

  test("is incomplete in a shallow clone", async () => {
    const clone = cloneOf(worked, "--bare", "--depth=3", "--no-single-branch");

    const { verdict, findings } = await verified(clone.path);

    expect(verdict).toBe("incomplete");
    expect(findings).toMatchObject([{ rule: "not-here" }]);
  });

  test("is incomplete where there is no state branch", async () => {
    const clone = cloneOf(worked, "--bare", "--single-branch", "--branch=main");

    expect(await verified(clone.path)).toMatchObject({ verdict: "incomplete" });
  });

  test("is what was published: a commit that waits for the origin is not part of it", async () => {
    const studio = copyOfStudio();
    studio.git("remote", "add", "origin", worked.path);

    await bookBeside(studio.path, stalled(studio), [["runs/2026-11-22/other.json", {}]]);

    expect(await verified(studio.path)).toEqual(await verified(worked.path));
  });

  test("stays verified when retention took a payload of a closed run, and says so", async () => {
    const studio = copyOfStudio();
    const [month, digest] = dropPayload(studio);
    const event = dropped(studio, month, digest);

    await bookBeside(studio.path, event, [[`tombstones/${month}.json`, withDropped(null, event)]]);

    expect(await verified(studio.path)).toMatchObject({
      verdict: "verified",
      checked: { expired: 1 },
    });
  });
});

describe("a forged history is broken:", () => {
  test("a tombstone that no event has set, or that names more than its event", async () => {
    const [studio, other] = [copyOfStudio(), copyOfStudio()];
    const [month, digest] = dropPayload(studio);
    const event = dropped(studio, month, digest);
    const tombstones = [[`tombstones/${month}.json`, withDropped(null, event)]] as const;
    const all = withDropped(null, { ...event, digests: null });
    const more = { ...all, removed: withDropped(null, event).removed };

    await bookBeside(studio.path, stalled(studio), tombstones);
    await bookBeside(other.path, event, [[`tombstones/${month}.json`, more]]);

    expect(await rulesOf(studio)).toEqual(["unnamed-change"]);
    expect(await rulesOf(other)).toEqual(["record"]);
  });

  test("a summary that was flipped on the way", async () => {
    const studio = copyOfStudio();

    forgeRecord(studio, "^stats/mailer", (stats) => ({ ...stats, versions: {} }));

    expect(await rulesOf(studio)).toEqual(["summary"]);
  });

  test("a summary that was edited in a commit of its own", async () => {
    const studio = copyOfStudio();
    const live = readJson(studio, STATE, "live/collections.json");

    const text = `${canonicalJson({ ...live, openRuns: [], pending: [], spend: { "2026-11": 7 } })}\n`;
    appendCommit(studio, STATE, { "live/collections.json": text });

    expect(await rulesOf(studio)).toEqual(["event", "summary"]);
  });

  test("a commit that was taken out", async () => {
    const studio = copyOfStudio();
    const { commit } = commitOf(studio, String.raw`^open/chase-invoices.*/find\.1\.json$`);

    rewriteFrom(studio, { branch: STATE, at: commit }, (later) => (later === commit ? "drop" : {}));

    expect(await rulesOf(studio)).toContain("event");
  });

  test("an event that was taken out", async () => {
    const studio = copyOfStudio();
    const { commit } = commitOf(studio, String.raw`^open/chase-invoices.*/find\.1\.json$`);
    const files = studio
      .git("diff-tree", "-r", "--name-only", "--no-commit-id", commit)
      .split("\n");
    const event = files.find((file) => file.startsWith("events/")) ?? "";

    rewriteFrom(studio, { branch: STATE, at: commit }, () => ({ [event]: null }));

    expect(await rulesOf(studio)).toContain("event");
  });

  test("an event that was edited", async () => {
    const studio = copyOfStudio();

    forgeRecord(studio, "^events/", (group) => ({ ...group, note: "edited" }));

    expect(await rulesOf(studio)).toContain("event");
  });

  test("a history that joins another one", async () => {
    const studio = copyOfStudio();
    const tree = studio.git("rev-parse", `${STATE}^{tree}`);
    const parents = ["-p", studio.git("rev-parse", STATE), "-p", studio.git("rev-parse", "main")];
    const merge = studio.git("commit-tree", tree, ...parents, "-m", "merge");

    studio.git("update-ref", `refs/heads/${STATE}`, merge);

    expect(await rulesOf(studio)).toEqual(expect.arrayContaining(["chain", "event"]));
  });

  test("an attempt whose outcome was edited", async () => {
    const studio = copyOfStudio();

    forgeRecord(studio, String.raw`^open/chase.*/find\.1\.json$`, (attempt) => ({
      ...attempt,
      outcome: "noop",
    }));

    expect(await rulesOf(studio)).toEqual(["record"]);
  });

  test("an attempt whose cost was edited", async () => {
    const studio = copyOfStudio();

    forgeRecord(studio, String.raw`^open/chase.*/find\.1\.json$`, (attempt) => ({
      ...attempt,
      costMicros: 9,
    }));

    expect(await rulesOf(studio)).toEqual(["record", "spend"]);
  });

  test("a closed run that says other than its open records said", async () => {
    const studio = copyOfStudio();

    forgeRecord(studio, "^runs/.*/chase-invoices", (run) => ({ ...run, attempts: [] }));

    expect(await rulesOf(studio)).toEqual(["record"]);
  });

  test("a record that is not what its schema says", async () => {
    const studio = copyOfStudio();

    forgeRecord(studio, "^gates/", (gate) => ({ ...gate, surprise: true }));

    expect(await rulesOf(studio)).toContain("record-schema");
  });

  test("a record that no event names", async () => {
    const studio = copyOfStudio();
    const path = "runs/2026-11-22/other.json";
    const { path: known } = commitOf(studio, "^runs/.*/chase-invoices");

    await bookBeside(studio.path, stalled(studio), [[path, readJson(studio, STATE, known)]]);

    expect(await rulesOf(studio)).toEqual(["unnamed-change"]);
  });

  test("a receipt that claims an effect before its intent", async () => {
    const studio = copyOfStudio();

    forgeRecord(studio, "^once/", (record) => ({
      ...record,
      receipts: happened(record["receipts"]),
    }));

    expect(await rulesOf(studio)).toEqual(
      expect.arrayContaining(["effect-twice", "effect-unintended"]),
    );
  });

  test("a payload that was changed", async () => {
    const studio = copyOfStudio();
    const { month, digest } = foundOutputs(studio);

    appendCommit(studio, `fettle/payload/${month}`, { [payloadFile(digest)]: "{}" });

    expect(await rulesOf(studio)).toEqual(["payload"]);
  });

  test("a payload that is gone without a tombstone", async () => {
    const studio = copyOfStudio();

    dropPayload(studio);

    expect(await rulesOf(studio)).toEqual(["payload"]);
  });

  test("an approval that main does not hold any more", async () => {
    const studio = copyOfStudio();
    const { commit, path } = commitOf(studio, String.raw`review\.gate\.json$`);
    const decision = readJson(studio, commit, path);

    studio.git("update-ref", "refs/heads/main", `${String(decision["commit"])}^1`);

    expect(await rulesOf(studio)).toEqual(["approval", "delivery"]);
  });

  test("an approval that was moved to a commit which says something else", async () => {
    const studio = copyOfStudio();
    const start = studio.git("rev-list", "--max-parents=0", "main");

    forgeRecord(studio, String.raw`review\.gate\.json$`, (decision) => ({
      ...decision,
      commit: start,
    }));

    expect(await rulesOf(studio)).toEqual(["approval", "record"]);
  });

  test.each<[string, Partial<Extract<LedgerEvent, { kind: "rewrite-accepted" }>>, string]>([
    ["what was never applied", { from: "0".repeat(40) }, "event"],
    ["the word of somebody who is no operator", { by: "eve@elsewhere.example" }, "approval"],
  ])("an accepted rewrite with %s", async (_, forged, rule) => {
    const studio = copyOfStudio();
    const { appliedCommit } = readJson(studio, STATE, "live/_workspace.json");
    const to = studio.git("rev-parse", "main");
    const from = String(appliedCommit);
    const facts = { at: LATER, project: "", from, to, by: ADA, reason: "" };

    await bookBeside(studio.path, { kind: "rewrite-accepted", ...facts }, []);
    const sound = await rulesOf(studio);
    const before = studio.git("rev-parse", "main");
    await bookBeside(
      studio.path,
      { kind: "rewrite-accepted", ...facts, from: before, ...forged },
      [],
    );

    expect(sound).toEqual([]);
    expect(await rulesOf(studio)).toEqual([rule]);
  });

  test.each([
    ["of what was never delivered", { path: "README.md" }, "event"],
    ["of another content than was delivered", { from: "0".repeat(40) }, "event"],
    ["by somebody who is no operator", { by: "eve@elsewhere.example" }, "approval"],
  ])("an edit %s", async (_, forged, rule) => {
    const studio = copyOfStudio();
    const { owned } = readJson(studio, STATE, "inventory/collections.json");
    const [path = "", from = ""] = Object.entries(owned ?? {}).at(0) ?? [];
    const commit = studio.git("rev-parse", "main");
    const facts = { kind: "edits-adopted", at: LATER, project: "collections", commit } as const;
    const edit = { path, from, to: from, by: ADA };

    await bookBeside(studio.path, { ...facts, edits: [edit] }, []);
    const sound = await rulesOf(studio);
    const changed = { ...edit, ...forged };
    const to = studio.git("rev-parse", `main:${changed.path}`);
    await bookBeside(studio.path, { ...facts, edits: [{ ...changed, to }] }, []);

    expect(sound).toEqual([]);
    expect(await rulesOf(studio)).toEqual([rule]);
  });

  test("an approved text that is not what went on", async () => {
    const studio = copyOfStudio();

    forgeRecord(studio, String.raw`review\.gate\.json$`, swapOutputs);

    expect(await rulesOf(studio)).toEqual(["approval", "record"]);
  });
});

function happened(receipts: unknown): readonly Json[] {
  return Array.isArray(receipts)
    ? receipts.map((receipt) => ({ ...receipt, state: "happened" }))
    : [];
}

/** The first item goes on with the text of the second. */
function swapOutputs(record: Json): Json {
  if (!records.gateDecision(record)) throw new Error("this is no decision");
  const [first, second, ...rest] = record.items;
  if (first === undefined || second === undefined) throw new Error("there is nothing to swap");
  return { ...record, items: [{ ...first, outputs: second.outputs }, second, ...rest] };
}
