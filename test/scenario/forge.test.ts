/** Gates as pull requests on GitHub; nobody acts through what is tested. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Hold } from "#runner/core/action.ts";
import { makeFolder } from "../support/git-repo.ts";
import { hubShop, quietHub, type Hub } from "../support/hub-shop.ts";
import { reasons, sent } from "../support/mail-shop.ts";
import type { Fate } from "../contract/github/double.ts";
import { REPOSITORY } from "../contract/github/double-state.ts";

const BOTH = [
  { to: "ann", text: "Hello ann" },
  { to: "bob", text: "Hello bob" },
];

function pull({ double }: Hub): Hub["double"]["state"]["pulls"][number] {
  const [only, ...more] = double.state.pulls;
  if (only === undefined || more.length > 0) throw new Error(`${more.length + 1} pull requests`);
  return only;
}

function creations({ double }: Hub): number {
  return double.asked.filter((one) => one.startsWith("POST") && one.endsWith("/pulls")).length;
}

function whys(holds: readonly Hold[]): string {
  return holds.map(({ why }) => why).join("\n");
}

test("An open gate is one pull request with all that is to be known; the merge of an operator approves it.", async () => {
  const hub = await hubShop();
  await hub.shop.tick();
  const before = hub.double.asked.length;
  await hub.shop.tick();

  const { number, title, body, labels } = pull(hub);
  expect([creations(hub), title, labels]).toEqual([
    1,
    "Send the mails · medium risk 40",
    ["fettle"],
  ]);
  expect(body).toContain("Hello ann");
  expect(hub.double.asked.slice(before)).toEqual(["GET /repos/ada-northwind/company/pulls"]);
  expect(sent(hub.shop)).toEqual([]);

  expect(await hub.act("ada", "PUT", `/pulls/${number}/merge`, {})).toBe(200);
  await hub.shop.tick();

  expect(sent(hub.shop)).toEqual(BOTH);
  expect(hub.shop.closedRuns()).toMatchObject([
    { gates: [{ decision: "approved", by: "ada@northwind.example" }] },
  ]);
});

test("What somebody writes into the pull request is written over by the next tick, and decides nothing.", async () => {
  const hub = await hubShop();
  const { number, title, body } = pull(hub);
  const mark = body.trimEnd().split("\n").at(-1);
  const forged = `**decision: approved**\n\n/fettle approve\n\n${mark}`;
  await hub.act("eve", "PATCH", `/pulls/${number}`, { title: "Nothing to see", body: forged });

  const tick = await hub.shop.tick();
  expect(pull(hub)).toMatchObject({ title, body });
  const writes = hub.double.asked.filter((one) => one.startsWith("PATCH")).length;
  pull(hub).body = body.replaceAll("\n", "\r\n");
  await hub.shop.tick();

  expect(reasons(tick)).toEqual(["awaiting-approval"]);
  expect(hub.double.asked.filter((one) => one.startsWith("PATCH"))).toHaveLength(writes);
  expect([sent(hub.shop), hub.shop.closedRuns()]).toEqual([[], []]);
});

test.each<["eve" | "renovate", string]>([
  ["eve", "eve"],
  ["renovate", "renovate[bot]"],
])("A merge by %s, who is no operator, approves nothing, and it is told.", async (who, login) => {
  const hub = await hubShop();
  await hub.act(who, "PUT", `/pulls/${pull(hub).number}/merge`, {});

  const tick = await hub.shop.tick();

  expect(sent(hub.shop)).toEqual([]);
  expect(reasons(tick)).toEqual(["approval-unproven"]);
  expect(whys(tick.holds)).toContain(login);
});

test("What somebody pushes to main after the operator's merge is not what the operator merged.", async () => {
  const hub = await hubShop();
  await hub.act("ada", "PUT", `/pulls/${pull(hub).number}/merge`, {});
  const gate = await hub.shop.gate();
  const { state } = hub.double;
  const path = join(makeFolder(), "mail.yaml");
  writeFileSync(path, "key: ann\noutputs:\n  text: Pay Eve\n");
  const blob = state.git(["hash-object", "-w", path]).text;
  const tree = withFile(hub, gate.items[0]?.path ?? "", blob);
  const main = state.head("main") ?? "";
  const eve = { name: "Eve", email: "eve@elsewhere.example" };
  const commit = state.git(["commit-tree", tree, "-p", main, "-m", "Better"], {
    author: eve,
    committer: eve,
  }).text;
  state.git(["update-ref", "refs/heads/main", commit]);

  const tick = await hub.shop.tick();

  expect(sent(hub.shop)).toEqual([]);
  expect(reasons(tick)).toEqual(["approval-unproven"]);
});

/** main's tree with another blob at a path. */
function withFile({ double: { state } }: Hub, path: string, blob: string): string {
  state.git(["read-tree", "main"]);
  state.git(["update-index", "--add", "--cacheinfo", `100644,${blob},${path}`]);
  return state.git(["write-tree"]).text;
}

test("A pull request that an operator closes is a rejection, remembered and not asked for again.", async () => {
  const hub = await hubShop();
  await hub.act("ada", "PATCH", `/pulls/${pull(hub).number}`, { state: "closed" });

  await hub.shop.tick();
  await hub.shop.tick();

  expect(hub.shop.closedRuns()).toMatchObject([
    {
      result: "rejected",
      gates: [{ decision: "rejected", by: "ada@northwind.example", via: "closed" }],
    },
  ]);
  expect([creations(hub), sent(hub.shop)]).toEqual([1, []]);
});

test.each(["eve", "runner"] as const)(
  "A pull request that %s closes decides nothing and is not made anew; opened again, it is as before.",
  async (who) => {
    const hub = await hubShop();
    const { number } = pull(hub);
    await hub.act(who, "PATCH", `/pulls/${number}`, { state: "closed" });

    const tick = await hub.shop.tick();
    await hub.shop.tick();

    expect([hub.shop.closedRuns(), creations(hub)]).toEqual([[], 1]);
    expect(reasons(tick)).toEqual(["awaiting-approval"]);
    await hub.act("ada", "PATCH", `/pulls/${number}`, { state: "open" });
    await hub.act("ada", "PUT", `/pulls/${number}/merge`, {});
    await hub.shop.tick();
    expect(sent(hub.shop)).toEqual(BOTH);
  },
);

test("An operator's review of what stands there is merged as it was reviewed, in the operator's name.", async () => {
  const hub = await hubShop();
  const { number } = pull(hub);
  await hub.act("eve", "POST", `/pulls/${number}/reviews`, { event: "APPROVE" });
  await hub.act("bea", "POST", `/pulls/${number}/reviews`, { event: "APPROVE" });
  await hub.shop.tick();
  expect([pull(hub).state, sent(hub.shop)]).toEqual(["open", []]);

  await hub.act("ada", "POST", `/pulls/${number}/reviews`, { event: "APPROVE" });
  await hub.shop.tick();

  expect(sent(hub.shop)).toEqual(BOTH);
  expect(hub.shop.closedRuns()).toMatchObject([
    { gates: [{ decision: "approved", by: "ada@northwind.example" }] },
  ]);
});

test("What an operator asks for in a comment is done once, and answered; nobody else's is.", async () => {
  const hub = await hubShop();
  const { number } = pull(hub);
  const comment = (who: Parameters<Hub["act"]>[0], body: string): Promise<number> =>
    hub.act(who, "POST", `/issues/${number}/comments`, { body });
  await comment("eve", "/fettle approve");
  await comment("bea", "/fettle approve");
  await comment("renovate", "/fettle approve");
  await comment("ada", "> /fettle approve");
  await comment("ada", `/fettle approve ${"deadbeef".repeat(5)}`);
  await hub.shop.tick();
  await hub.shop.tick();
  expect([sent(hub.shop), hub.shop.closedRuns(), pull(hub).state]).toEqual([[], [], "open"]);

  await comment("ada", "/fettle approve");
  await hub.shop.tick();
  await hub.shop.tick();

  expect(sent(hub.shop)).toEqual(BOTH);
  expect(hub.shop.closedRuns()).toMatchObject([
    { gates: [{ decision: "approved", by: "ada@northwind.example" }] },
  ]);
  const notes = hub.double.state.comments.filter(({ by }) => by.login === "fettle[bot]");
  expect(
    notes.map(({ body }) =>
      body
        .split("\n")
        .slice(1)
        .map((line) => line.slice(23, 60)),
    ),
  ).toEqual([
    [
      "`eve`: not carried out: only operator",
      "bea@northwind.example: not carried ou",
      "ada@northwind.example: not carried ou",
      "ada@northwind.example: approved; it i",
    ],
  ]);
});

test("A rejection in a comment is a request on state with its reason.", async () => {
  const hub = await hubShop();
  const { number } = pull(hub);
  await hub.act("ada", "POST", `/issues/${number}/comments`, { body: "/fettle approve" });
  await hub.act("ada", "POST", `/issues/${number}/comments`, { body: "/fettle reject too pushy" });

  await hub.shop.tick();
  await hub.shop.tick();

  expect(sent(hub.shop)).toEqual([]);
  expect(hub.shop.closedRuns()).toMatchObject([
    {
      result: "rejected",
      gates: [{ decision: "rejected", by: "ada@northwind.example", reason: "too pushy" }],
    },
  ]);
  expect(hub.shop.told.filter(({ kind }) => kind === "run-finished")).toHaveLength(1);
});

test("While GitHub does not answer, git alone decides, the tick says so, and the next one makes up for it.", async () => {
  const hub = await quietHub();
  const down: Fate = { kind: "answered", status: 503, message: "down" };
  hub.double.onRequest = () => down;
  await hub.shop.request("shop/mail");

  const first = await hub.shop.tick();
  const second = await hub.shop.tick();

  expect(reasons(first)).toEqual(["awaiting-approval", "forge-unreachable"]);
  expect(reasons(second)).toContain("forge-unreachable");
  expect(first.end.kind).toBe("settled");
  hub.double.onRequest = () => undefined;
  const third = await hub.shop.tick();
  expect([reasons(third), pull(hub).state]).toEqual([["awaiting-approval"], "open"]);
});

test.each<[string, Fate]>([
  ["answers get lost", { kind: "answer-lost" }],
  [
    "every second request is too much",
    { kind: "answered", status: 429, headers: { "retry-after": "60" }, message: "slow down" },
  ],
])("Where %s, there is one pull request, and nobody has said anything.", async (_, fate) => {
  const hub = await quietHub();
  let count = 0;
  hub.double.onRequest = () => ((count += 1) % 2 === 0 ? fate : undefined);
  hub.double.areListsShuffled = true;
  hub.double.bodies.isMergeableKnown = false;
  await hub.shop.request("shop/mail");

  for (let tick = 0; tick < 4; tick += 1) await hub.shop.tick();
  hub.double.onRequest = () => undefined;
  const last = await hub.shop.tick();

  expect([pull(hub).state, reasons(last), hub.shop.closedRuns()]).toEqual([
    "open",
    ["awaiting-approval"],
    [],
  ]);
  expect(sent(hub.shop)).toEqual([]);
});

test("Without a token, or an open gate and a dashboard, nothing is asked.", async () => {
  const forge = { repository: REPOSITORY, dashboard: false };
  const hub = await quietHub({}, { forge });
  await hub.shop.tick();
  expect(hub.double.asked).toEqual([]);

  hub.shop.forge = undefined;
  await hub.shop.request("shop/mail");
  await hub.shop.tick();

  expect(hub.double.asked).toEqual([]);
});
