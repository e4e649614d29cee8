/** What is kept up to date on GitHub beside pull requests: one issue of a key, one word of a context. */
import { expect, onTestFinished, test } from "vitest";
import { githubForge } from "#runner/forge/github.ts";
import type { CommitWord, Forge, Told } from "#runner/forge/port.ts";
import { makeFolder } from "../support/git-repo.ts";
import type { Double, Fate } from "./github/double.ts";
import type { Request } from "./github/double-answer.ts";
import { ACCOUNTS, REPOSITORY, type Issue, type Who } from "./github/double-state.ts";
import { startDouble } from "./github/started.ts";

const signal = new AbortController().signal;
const QUIET = { key: "dashboard", title: "fettle: dashboard", body: "All is quiet.\n" };
const BUSY = { ...QUIET, body: "Two wait for you.\n" };
const MARK = "<!-- fettle:dashboard -->";

interface Stage {
  readonly double: Double;
  readonly forge: Forge;
  readonly act: (who: Who, method: string, path: string, body: object) => Promise<number>;
}

/** Nothing here asks git for anything. */
async function staged(who: Who = "runner"): Promise<Stage> {
  const { double, options } = await startDouble(makeFolder(), who);
  onTestFinished(() => expect(double.referee.violations).toEqual([]));
  const act: Stage["act"] = async (by, method, path, body) => {
    const answer = await fetch(`${double.api}/repos/${REPOSITORY}${path}`, {
      method,
      headers: { authorization: `Bearer ${by}` },
      body: JSON.stringify(body),
    });
    return answer.status;
  };
  return { double, forge: githubForge(options), act };
}

function valueOf<Value>(told: Told<Value>): Value {
  if (!told.ok) throw new Error(`${told.reason}: ${told.detail}`);
  return told.value;
}

function shown({ double }: Stage): readonly (readonly [string, Issue["state"], string])[] {
  return double.state.issues.map(({ by, state, body }) => [by.login, state, body]);
}

const isWrite = ({ method }: Request): boolean => method !== "GET";

/** The fate of the first writing request. */
function onceFor(fate: Fate): Double["onRequest"] {
  let isLeft = true;
  return (request) => {
    if (!isLeft || !isWrite(request)) return undefined;
    isLeft = false;
    return fate;
  };
}

test.each<[string, Who, Fate | null]>([
  ["all is well", "runner", null],
  ["a person's token", "ada", null],
  ["an answer that is lost after GitHub has acted", "runner", { kind: "answer-lost" }],
  ["a request that never arrives", "runner", { kind: "request-lost" }],
  ["a server error", "runner", { kind: "answered", status: 502, message: "Bad Gateway" }],
])("There is one issue of a key, which is kept up to date: %s", async (_, who, fate) => {
  const stage = await staged(who);
  if (fate !== null) stage.double.onRequest = onceFor(fate);

  await stage.forge.keepIssue(QUIET, signal);
  await stage.forge.keepIssue(QUIET, signal);
  const changed = await stage.forge.keepIssue(BUSY, signal);
  const writes = stage.double.asked.filter((one) => !one.startsWith("GET")).length;
  const same = await stage.forge.keepIssue(BUSY, signal);

  expect([valueOf(changed), valueOf(same)]).toEqual(["changed", "same"]);
  expect(stage.double.asked.filter((one) => !one.startsWith("GET"))).toHaveLength(writes);
  expect(shown(stage)).toEqual([[ACCOUNTS[who].login, "open", `${MARK}\n${BUSY.body}`]]);
  expect(stage.double.state.issues[0]?.labels).toEqual(["fettle", "fettle-dashboard"]);
});

test("An issue of somebody who may not write is theirs, whatever it looks like.", async () => {
  const stage = await staged();
  const labels = ["fettle-dashboard"];
  await stage.act("bea", "POST", "/issues", { title: QUIET.title, body: `${MARK}\nmine`, labels });

  await stage.forge.keepIssue(QUIET, signal);
  await stage.forge.keepIssue(BUSY, signal);

  expect(shown(stage)).toEqual([
    ["bea", "open", `${MARK}\nmine`],
    ["fettle[bot]", "open", `${MARK}\n${BUSY.body}`],
  ]);
});

test.each<[string, Partial<Issue>]>([
  ["another runner's account has made it", { by: ACCOUNTS.ada }],
  ["its label was taken off", { labels: [] }],
  ["its first line was taken off in a browser", { body: "All is quiet.\r\n" }],
  ["it was closed", { state: "closed" }],
])("It is found again, and not made anew, where %s.", async (_, change) => {
  const stage = await staged();
  await stage.forge.keepIssue(QUIET, signal);
  const { state } = stage.double;
  const [first] = state.issues;
  if (first !== undefined) state.issues.splice(0, 1, { ...first, ...change });
  // Older and newer ones, more than a page has.
  for (let count = 0; count < 120; count += 1) {
    state.issues.push({ ...state.issues[0], ...OTHER, number: 1000 + count });
  }

  await stage.forge.keepIssue(BUSY, signal);
  stage.double.areListsShuffled = true;
  await stage.forge.keepIssue(BUSY, signal);

  expect(state.issues).toHaveLength(121);
  expect(state.issues[0]).toMatchObject({
    body: `${MARK}\n${BUSY.body}`,
    state: change.state ?? "open",
  });
  expect(state.issues[0]?.labels).toContain("fettle-dashboard");
});

const OTHER: Omit<Issue, "number"> = {
  by: ACCOUNTS.eve,
  createdAt: "2026-03-01T00:00:00Z",
  updatedAt: "2026-03-01T00:00:00Z",
  title: "Buy stamps",
  body: "Please.",
  state: "open",
  labels: [],
};

test("Where two runners have made one at the same moment, the older one is kept and the other closed.", async () => {
  const stage = await staged();
  const labels = ["fettle-dashboard"];
  for (const who of ["ada", "runner"] as const) {
    await stage.act(who, "POST", "/issues", { title: "x", body: `${MARK}\nold`, labels });
  }

  await stage.forge.keepIssue(QUIET, signal);

  expect(shown(stage)).toEqual([
    ["ada-northwind", "open", `${MARK}\n${QUIET.body}`],
    ["fettle[bot]", "closed", `${MARK}\nold`],
  ]);
});

function word(state: CommitWord["state"], description: string): CommitWord {
  return { context: "fettle/gate", state, description, number: 7 };
}

test("The same is said of a commit once, however often, and a word that was lost is said again.", async () => {
  const { double, forge } = await staged();
  const sha = "a".repeat(40);
  const long = `waits for you: ${"ü".repeat(200)}`;
  double.onRequest = onceFor({ kind: "request-lost" });

  const lost = await forge.sayOf(sha, word("pending", long), signal);
  const first = await forge.sayOf(sha, word("pending", long), signal);
  const same = await forge.sayOf(sha, word("pending", long), signal);
  const other = await forge.sayOf(sha, word("success", "approved"), signal);

  expect([lost.ok, valueOf(first), valueOf(same), valueOf(other)]).toEqual([
    false,
    "made",
    "same",
    "changed",
  ]);
  expect(double.state.statuses.map(({ status }) => status)).toMatchObject([
    {
      state: "pending",
      context: "fettle/gate",
      description: `${long.slice(0, 139)}…`,
      target_url: `https://github.example/${REPOSITORY}/pull/7`,
    },
    { state: "success", description: "approved" },
  ]);
});
