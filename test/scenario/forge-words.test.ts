/** What operators ask for in comments: done as their verbs would, once, and answered. */
import { expect, test } from "vitest";
import { MAIL_STEPS, pipeline } from "../support/company.ts";
import { hubShop, quietHub, type Hub } from "../support/hub-shop.ts";
import { reasons, sent } from "../support/mail-shop.ts";
import type { Who } from "../contract/github/double-state.ts";

function say(hub: Hub, who: Who, body: string): Promise<number> {
  const [pull] = hub.double.state.pulls.slice(-1);
  return hub.act(who, "POST", `/issues/${pull?.number}/comments`, { body });
}

/** What the runner's own comment under the newest pull request says, without instants. */
function answers({ double }: Hub): readonly string[] {
  const [pull] = double.state.pulls.slice(-1);
  const notes = double.state.comments.filter(
    ({ by, number }) => by.login === "fettle[bot]" && number === pull?.number,
  );
  expect(notes).toHaveLength(1);
  const [, ...lines] = (notes[0]?.body ?? "").split("\n");
  return lines.map((line) => line.replace(/^- \S+ /u, ""));
}

const ADA = "ada@northwind.example";

test("Stop and start in a comment do what the verbs do, for operators only, and each does it once.", async () => {
  const hub = await hubShop();
  const { shop } = hub;
  await say(hub, "eve", "/fettle stop");
  await say(hub, "ada", "/fettle stop shop/mails");
  await say(hub, "ada", "/fettle stop shop");
  await say(hub, "ada", "/fettle retry");

  const stopped = await shop.tick();

  expect(reasons(stopped)).toContain("stopped");
  expect(await stops(hub)).toMatchObject([{ project: "shop", by: ADA }]);
  await say(hub, "ada", "/fettle start shop");
  await shop.tick();
  await shop.tick();

  expect(await stops(hub)).toEqual([]);
  expect(answers(hub)).toEqual([
    "`eve`: not carried out: only operators of fettle.yaml (by `login`) who may write here decide.",
    `${ADA}: not carried out: there is no project or pipeline shop/mails.`,
    `${ADA}: stopped: nothing new begins (shop). \`/fettle start\` lets it go on.`,
    `${ADA}: not carried out: what waits here has not ended. \`/fettle reject <reason>\` ends it; \`/fettle retry <run>\` names one that has.`,
    `${ADA}: what was stopped before goes on (shop).`,
  ]);
  // What is stopped later stays stopped, though the clock here is behind GitHub's.
  await shop.stop();
  await shop.tick();
  expect(await stops(hub)).toHaveLength(1);
  await say(hub, "ada", "/fettle start");
  await shop.tick();
  expect(await stops(hub)).toEqual([]);
  await say(hub, "ada", "/fettle stop shop");
  await shop.tick();
  await shop.tick();
  expect(await stops(hub)).toHaveLength(1);
});

test("A run that has ended is tried once more by a comment, once.", async () => {
  const hub = await quietHub(pipeline("shop/post", MAIL_STEPS));
  const { shop } = hub;
  await shop.request("shop/post");
  await shop.tick();
  await say(hub, "ada", "/fettle reject too early");
  await shop.tick();
  const first = shop.closedRuns()[0]?.run.id ?? "";
  await shop.request("shop/mail");
  await shop.tick();
  await say(hub, "ada", `/fettle retry ${first} --from nowhere`);
  await say(hub, "ada", `/fettle retry ${first}`);

  await shop.tick();
  await shop.tick();

  expect(await retries(hub)).toEqual([first]);
  expect((await shop.look()).observed.requests).toEqual([]);
  expect((await shop.verify()).findings).toEqual([]);
  const notes = hub.double.state.comments.filter(({ body }) => body.includes("fettle:answers"));
  expect(notes.at(-1)?.body).toContain("not carried out: the pipeline has no step nowhere.");
  expect(notes.at(-1)?.body).toContain(`${first} is tried once more.`);
});

test("A comment puts a gate off from when it was written, once, and not for a stranger.", async () => {
  const hub = await hubShop();
  const { shop } = hub;
  await say(hub, "eve", "/fettle snooze 3d");
  await say(hub, "ada", "/fettle snooze 2h");

  const asleep = await shop.tick();

  expect(reasons(asleep)).toEqual(["snoozed"]);
  const [asked, ...more] = await snoozes(hub);
  expect(more).toEqual([]);
  expect(asked).toMatchObject({ by: ADA, project: "shop" });
  expect(answers(hub).at(-1)).toBe(`${ADA}: put off for 2h; it comes back by itself.`);
  shop.pass("3h");
  expect(reasons(await shop.tick())).toEqual(["awaiting-approval"]);
  expect(await snoozes(hub)).toHaveLength(1);
});

test("A comment is the last word on when a gate comes back, also where the one before has a clock that is ahead.", async () => {
  const hub = await hubShop();
  const { shop } = hub;
  const { id } = await shop.gate();
  shop.travel("2026-03-02T09:45:00.000Z");
  await shop.snooze(id, "2026-03-02T15:00:00.000Z");
  shop.travel("2026-03-02T09:00:00.000Z");
  await say(hub, "ada", "/fettle snooze 2h");

  await shop.tick();
  await shop.tick();

  expect(await snoozes(hub)).toMatchObject([{ id: expect.stringContaining("comment") }]);
});

test("What is critical is not put off by a comment.", async () => {
  const hub = await quietHub({}, { attention: { critical: 1 } });
  const { shop } = hub;
  await shop.request("shop/mail");
  await shop.tick();
  await say(hub, "ada", "/fettle snooze 2h");

  expect(reasons(await shop.tick())).toEqual(["awaiting-approval"]);
  expect(answers(hub)).toEqual([`${ADA}: not carried out: what is critical is not put off.`]);
});

async function snoozes({ shop }: Hub): Promise<readonly object[]> {
  const { observed } = await shop.look();
  return observed.requests.filter(({ kind }) => kind === "snooze");
}

async function stops({ shop }: Hub): Promise<readonly object[]> {
  const { observed } = await shop.look();
  return observed.requests.filter(({ kind }) => kind === "stop");
}

/** Runs that were tried once more, by each run that does. */
async function retries({ shop }: Hub): Promise<readonly string[]> {
  const { observed } = await shop.look();
  const open = [...observed.runs.values()].map(({ record }) => record);
  const all = [...open, ...shop.closedRuns().map(({ run }) => run)];
  return all.flatMap(({ retryOf }) => retryOf?.run ?? []);
}

/** At noon, when three gates are shown together. */
async function briefedHub(): Promise<Hub> {
  const names = ["mail", "post", "wire"];
  const files = Object.assign({}, ...names.map((name) => pipeline(`shop/${name}`, MAIL_STEPS)));
  const hub = await quietHub(files, { attention: { reviewsPerDay: 5, briefings: ["12:00"] } });
  for (const name of names) await hub.shop.request(`shop/${name}`);
  await hub.shop.tick();
  hub.shop.pass("3h");
  await hub.shop.tick();
  return hub;
}

function decisions({ shop }: Hub): readonly string[] {
  return shop
    .closedRuns()
    .flatMap(({ run, gates }) =>
      gates.map(({ decision, by }) => `${run.pipeline} ${decision} by ${by}`),
    )
    .toSorted();
}

async function atPlace({ shop }: Hub, place: number): Promise<string> {
  const { observed } = await shop.look();
  const gates = [...observed.gates.values()].map(({ record }) => record);
  return gates.find(({ briefing }) => briefing?.place === place)?.pipeline ?? "";
}

test("Of a briefing a comment rejects what it names, and another approves all but what it names: that is rejected on the branch before the rest is merged.", async () => {
  const hub = await briefedHub();
  const [one, two, three] = await Promise.all([1, 2, 3].map((place) => atPlace(hub, place)));
  await say(hub, "eve", "/fettle approve all but 1");
  await say(hub, "ada", "/fettle reject 3, 7 too pushy");

  await hub.shop.tick();

  expect(decisions(hub)).toEqual([`${three} rejected by ${ADA}`]);
  const settled = hub.shop.closedRuns().flatMap(({ gates }) => gates);
  expect(settled).toMatchObject([{ reason: "too pushy" }]);
  expect(hub.double.state.pulls).toMatchObject([{ state: "open" }]);

  await say(hub, "ada", "/fettle approve all but 2");
  await hub.shop.tick();
  await hub.shop.tick();

  const words = [
    `${one} approved by ${ADA}`,
    `${two} rejected by ${ADA}`,
    `${three} rejected by ${ADA}`,
  ];
  expect(decisions(hub)).toEqual(words.toSorted());
  expect(sent(hub.shop)).toHaveLength(2);
  const merged = { state: "closed", mergedBy: { login: "fettle[bot]" } };
  expect(hub.double.state.pulls).toMatchObject([merged]);
  expect((await hub.shop.verify()).findings).toEqual([]);
});
