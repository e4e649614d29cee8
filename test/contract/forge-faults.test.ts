/** Whatever goes wrong between here and GitHub: one pull request, one note, and nothing that was not so. */
import { expect, onTestFinished, test } from "vitest";
import { githubForge } from "#runner/forge/github.ts";
import type { Forge, Proposal, PullFacts, Told } from "#runner/forge/port.ts";
import { makeFolder, repositoryAt, runGit } from "../support/git-repo.ts";
import type { Double, Fate } from "./github/double.ts";
import type { Request } from "./github/double-answer.ts";
import { ACCOUNTS, REPOSITORY, type Who } from "./github/double-state.ts";
import { startDouble } from "./github/started.ts";

const BRANCH = "fettle/gate/mail-1";
const PROPOSAL: Proposal = {
  branch: BRANCH,
  title: "Send the mails",
  body: "Two mails.",
  labels: ["fettle"],
};
const signal = new AbortController().signal;

interface Stage {
  readonly double: Double;
  readonly forge: Forge;
  /** As another person's browser would. */
  readonly act: (who: Who, method: string, path: string, body?: object) => Promise<number>;
}

async function staged(who: Who = "runner"): Promise<Stage> {
  const folder = makeFolder();
  const work = repositoryAt(folder);
  runGit(folder, ["init", "--quiet", "--initial-branch=main"]);
  work.commit({ "README.md": "A company.\n" }, "Start");
  work.git("switch", "--quiet", "--create", BRANCH);
  work.commit({ "mail.yaml": "text: Hello\n" }, "Propose");
  const { double, options } = await startDouble(`${folder}/.git`, who);
  onTestFinished(() => expect(double.referee.violations).toEqual([]));
  const act: Stage["act"] = async (by, method, path, body) => {
    const answer = await fetch(`${double.api}/repos/${REPOSITORY}${path}`, {
      method,
      headers: { authorization: `Bearer ${by}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return answer.status;
  };
  return { double, forge: githubForge(options), act };
}

/** The fate of the first requests that are of this kind. */
function first(times: number, of: (request: Request) => boolean, fate: Fate): Double["onRequest"] {
  let left = times;
  return (request) => {
    if (left === 0 || !of(request)) return undefined;
    left -= 1;
    return fate;
  };
}

const isCreation = ({ method, path }: Request): boolean =>
  method === "POST" && path.endsWith("/pulls");
const isComment = ({ method, path }: Request): boolean =>
  method === "POST" && path.endsWith("/comments");
const isAny = (): boolean => true;

function valueOf<Value>(told: Told<Value>): Value {
  if (!told.ok) throw new Error(`${told.reason}: ${told.detail}`);
  return told.value;
}

async function seen({ forge }: Stage): Promise<PullFacts | undefined> {
  const told = await forge.observe({ branches: [BRANCH], known: new Map() }, signal);
  return valueOf(told).get(BRANCH);
}

test.each<[string, Fate]>([
  ["an answer that is lost after GitHub has acted", { kind: "answer-lost" }],
  ["a request that never arrives", { kind: "request-lost" }],
  ["a server error", { kind: "answered", status: 502, message: "Bad Gateway" }],
])("%s leaves one pull request in the end", async (_, fate) => {
  const stage = await staged();
  stage.double.onRequest = first(1, isCreation, fate);

  await stage.forge.propose(PROPOSAL, signal);
  const again = await stage.forge.propose(PROPOSAL, signal);

  expect(valueOf(again)).toMatchObject({ number: stage.double.state.pulls[0]?.number });
  expect(stage.double.state.pulls).toHaveLength(1);
});

test("A lost answer is looked up at once: what was made is found.", async () => {
  const stage = await staged();
  stage.double.onRequest = first(1, isCreation, { kind: "answer-lost" });

  const told = await stage.forge.propose(PROPOSAL, signal);

  expect(valueOf(told).kind).toBe("found");
  expect(
    stage.double.asked.filter((one) => one.startsWith("POST") && one.endsWith("/pulls")),
  ).toHaveLength(1);
  expect(stage.double.state.pulls[0]?.labels).toEqual(["fettle"]);
});

test("What a person has closed is not proposed again.", async () => {
  const stage = await staged();
  await stage.forge.propose(PROPOSAL, signal);
  const number = stage.double.state.pulls[0]?.number;
  await stage.act("ada", "PATCH", `/pulls/${number}`, { state: "closed" });

  const told = await stage.forge.propose(PROPOSAL, signal);

  expect(valueOf(told)).toEqual({ kind: "found", number });
  expect(await seen(stage)).toMatchObject({
    state: "closed",
    closedBy: { login: ACCOUNTS.ada.login, isBot: false },
    mergedBy: null,
  });
});

test.each<[Who, boolean]>([
  ["ada", false],
  ["renovate", true],
])("A merge by %s is told with who merged (a bot: %s).", async (who, isBot) => {
  const stage = await staged();
  await stage.forge.propose(PROPOSAL, signal);

  await stage.act(who, "PUT", `/pulls/${stage.double.state.pulls[0]?.number}/merge`, {});

  const { login } = ACCOUNTS[who];
  expect(await seen(stage)).toMatchObject({ state: "merged", mergedBy: { login, isBot } });
});

test("Pages in another order tell the same.", async () => {
  const stage = await staged();
  await stage.forge.propose(PROPOSAL, signal);
  const number = stage.double.state.pulls[0]?.number ?? 0;
  await stage.act("eve", "POST", "/pulls", { head: BRANCH, base: "main", title: "Another" });
  stage.double.areListsShuffled = true;

  expect(await seen(stage)).toMatchObject({ number, state: "open" });
});

test("GitHub that has not found out yet whether it can be merged says neither.", async () => {
  const stage = await staged();
  await stage.forge.propose(PROPOSAL, signal);
  stage.double.bodies.isMergeableKnown = false;

  expect(await seen(stage)).toMatchObject({ state: "open", mergeable: null });
});

test("A look at what has not changed is one request.", async () => {
  const stage = await staged();
  await stage.forge.propose(PROPOSAL, signal);
  const facts = await seen(stage);
  const known = new Map(facts === undefined ? [] : [[BRANCH, facts]]);
  const before = stage.double.asked.length;

  const told = await stage.forge.observe({ branches: [BRANCH], known }, signal);

  expect([...stage.double.versions]).toEqual(["2022-11-28"]);
  expect(valueOf(told)).toEqual(known);
  expect(stage.double.asked.slice(before)).toEqual([`GET /repos/${REPOSITORY}/pulls`]);
});

test.each<[string, Fate, object]>([
  [
    "429 with Retry-After",
    { kind: "answered", status: 429, headers: { "retry-after": "90" }, message: "slow down" },
    { reason: "limited", until: "2026-03-02T09:01:30.000Z" },
  ],
  [
    "403 of a spent limit",
    {
      kind: "answered",
      status: 403,
      headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1772442120" },
      message: "API rate limit exceeded",
    },
    { reason: "limited", until: "2026-03-02T09:02:00.000Z" },
  ],
  [
    "403 of a secondary limit",
    { kind: "answered", status: 403, message: "You have exceeded a secondary rate limit" },
    { reason: "limited" },
  ],
  [
    "403 of a token that may not",
    { kind: "answered", status: 403, message: "Resource not accessible by integration" },
    { reason: "refused", until: null },
  ],
  ["500 again and again", { kind: "answered", status: 500, message: "oops" }, { reason: "away" }],
  ["no connection", { kind: "request-lost" }, { reason: "away" }],
])("%s is told, and says nothing of any pull request", async (_, fate, expected) => {
  const stage = await staged();
  await stage.forge.propose(PROPOSAL, signal);
  stage.double.onRequest = first(9, isAny, fate);

  const told = await stage.forge.observe({ branches: [BRANCH], known: new Map() }, signal);

  expect(told).toMatchObject({ ok: false, ...expected });
});

test("A conflict between versions is not asked for again, and neither is a merge that cannot be.", async () => {
  const stage = await staged();
  await stage.forge.propose(PROPOSAL, signal);
  const number = stage.double.state.pulls[0]?.number ?? 0;
  const head = stage.double.state.pulls[0]?.head ?? "";
  const before = stage.double.asked.length;

  const stale = await stage.forge.merge(
    number,
    { head: "0".repeat(40), message: "Approve" },
    signal,
  );
  expect(stage.double.asked.slice(before)).toHaveLength(1);
  const merged = await stage.forge.merge(
    number,
    { head, message: "Approve: Send the mails" },
    signal,
  );
  const twice = await stage.forge.merge(number, { head, message: "Approve" }, signal);

  expect(valueOf(stale).kind).toBe("moved");
  expect(valueOf(merged).kind).toBe("merged");
  expect(valueOf(twice).kind).toBe("merged");
  expect(stage.double.state.git(["log", "-1", "--format=%s", "main"]).text).toBe(
    "Approve: Send the mails",
  );
});

test.each<[string, Who, Fate | undefined]>([
  ["an app, whose name is not told", "runner", undefined],
  ["a person's token", "ada", undefined],
  ["an answer that got lost", "runner", { kind: "answer-lost" }],
  ["a server error", "runner", { kind: "answered", status: 502, message: "Bad Gateway" }],
])("There is one note of a key, which is kept up to date: %s", async (_, who, fate) => {
  const stage = await staged(who);
  await stage.forge.propose(PROPOSAL, signal);
  const number = stage.double.state.pulls[0]?.number ?? 0;
  // Somebody else's, though it looks like ours.
  await stage.act("eve", "POST", `/issues/${number}/comments`, {
    body: "<!-- fettle:ack -->\nmine",
  });
  if (fate !== undefined) stage.double.onRequest = first(1, isComment, fate);

  await stage.forge.note(number, { key: "ack", text: "Seen." }, signal);
  await stage.forge.note(number, { key: "ack", text: "Done." }, signal);
  const same = await stage.forge.note(number, { key: "ack", text: "Done." }, signal);

  expect(valueOf(same)).toBe("same");
  expect(stage.double.state.comments.map(({ by, body }) => [by.login, body])).toEqual([
    ["eve", "<!-- fettle:ack -->\nmine"],
    [ACCOUNTS[who].login, "<!-- fettle:ack -->\nDone."],
  ]);
});

test("Who may write is asked of GitHub; a stranger may not.", async () => {
  const { forge } = await staged();

  const may = await Promise.all(
    ["ada-northwind", "eve", "bea", "stranger"].map(async (login) =>
      valueOf(await forge.mayWrite(login, signal)),
    ),
  );

  expect(may).toEqual([true, true, false, false]);
});
