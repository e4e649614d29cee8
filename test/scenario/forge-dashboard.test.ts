/** The one issue on GitHub that says how everything stands. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hubShop, quietHub, type Hub } from "../support/hub-shop.ts";
import { reasons } from "../support/mail-shop.ts";
import { mailCompany } from "../support/company.ts";
import { REPOSITORY } from "../contract/github/double-state.ts";
import type { Fate } from "../contract/github/double.ts";

const DOWN: Fate = { kind: "answered", status: 503, message: "down" };

function dashboard({ double }: Hub): string {
  const { issues } = double.state;
  expect(issues.map(({ title }) => title)).toEqual(["fettle: dashboard"]);
  return issues[0]?.body ?? "";
}

/** What is asked of GitHub while something goes on. */
async function askedDuring({ double }: Hub, work: () => Promise<unknown>): Promise<string[]> {
  const before = double.asked.length;
  await work();
  return double.asked.slice(before).map((one) => one.replace(`/repos/${REPOSITORY}`, ""));
}

test("One issue follows what happens: what waits with a link, what is at work, what is done; commits say how their gates stand; a tick without news neither asks nor writes.", async () => {
  const hub = await hubShop();
  const [pull] = hub.double.state.pulls;
  const waiting = dashboard(hub);

  expect(waiting).toContain(`- **Send the mails** in shop · #${pull?.number} · medium risk 40`);
  expect(waiting).toMatch(/## Running \(1\)\n\n- \*\*mail\.\w+\*\* in shop .* waits for you/u);
  await hub.shop.tick();
  expect(await askedDuring(hub, () => hub.shop.tick())).toEqual(["GET /pulls"]);

  await hub.act("ada", "PUT", `/pulls/${pull?.number}/merge`, {});
  await hub.shop.tick();

  const done = dashboard(hub);
  expect(done).not.toMatch(/Needs you|Running/u);
  const line = "- **shop/mail** · 1 succeeded · gates: 1 approved · last 2026-03-02 09:00";
  expect(done).toContain(line);
  expect(await askedDuring(hub, () => hub.shop.tick())).toEqual([]);

  expect(said(hub)).toEqual([
    [pull?.head, "pending", waits("2026-03-04 09:00")],
    [pull?.head, "success", "approved by ada@northwind.example"],
  ]);

  // What was done is old by then.
  hub.shop.pass("72h");
  await hub.shop.request("shop/mail");
  await hub.shop.tick();
  expect(dashboard(hub)).not.toContain("succeeded");

  const again = hub.double.state.pulls[1];
  await hub.act("ada", "PATCH", `/pulls/${again?.number}`, { state: "closed" });
  hub.double.onRequest = ({ path }) => (path.includes("/statuses/") ? DOWN : undefined);
  const untold = await hub.shop.tick();
  hub.double.onRequest = () => undefined;
  await hub.shop.tick();
  expect(reasons(untold)).toEqual(["forge-unreachable"]);
  expect(said(hub).slice(2)).toEqual([
    [again?.head, "pending", waits("2026-03-07 09:00")],
    [again?.head, "failure", "rejected by ada@northwind.example"],
  ]);
});

function waits(until: string): string {
  return `waits for you · risk 40 of 100 · answer by ${until}`;
}

/** What the commits of gates say: commit, state, line. */
function said({ double }: Hub): readonly unknown[] {
  return double.state.statuses.map(({ sha, status }) => [
    sha,
    status["state"],
    status["description"],
  ]);
}

test("What GitHub could not be told is told by the next tick, though nothing has changed; told, nothing is asked.", async () => {
  const hub = await quietHub();
  hub.double.onRequest = () => DOWN;
  const [first, second] = [await hub.shop.tick(), await hub.shop.tick()];
  expect([reasons(first), reasons(second)]).toEqual([["forge-unreachable"], ["forge-unreachable"]]);

  hub.double.onRequest = () => undefined;
  const third = await hub.shop.tick();
  expect([reasons(third), dashboard(hub)]).toEqual([[], expect.stringContaining("All is quiet")]);
  await hub.shop.tick();
  expect(await askedDuring(hub, () => hub.shop.tick())).toEqual([]);
});

test("A briefing of several gates on GitHub: a tick without news writes nothing, not even into the cache.", async () => {
  const other = Object.entries(mailCompany())
    .filter(([path]) => path.endsWith("mail.yaml"))
    .map(([path, text]) => [path.replace("mail.yaml", "post.yaml"), String(text)]);
  const attention = { reviewsPerDay: 5, briefings: ["10:00"] };
  const hub = await quietHub(Object.fromEntries(other), { attention });
  await hub.shop.request("shop/mail");
  await hub.shop.request("shop/post");
  await hub.shop.tick();
  hub.shop.pass("2h");
  await hub.shop.tick();
  expect(hub.double.state.pulls.map(({ branch }) => branch)).toEqual([
    expect.stringContaining("briefing"),
  ]);
  expect(dashboard(hub)).toMatch(/Needs you \(2\)\n\n.* · no\. 1 .*\n.* · no\. 2 /u);
  await hub.shop.tick();
  await hub.shop.tick();
  const before = writings(hub);

  await hub.shop.tick();

  expect(writings(hub)).toEqual(before);
});

/** Every file that the runner keeps for itself, with when it was written. */
function writings({ shop }: Hub): readonly string[] {
  const folder = join(shop.operator.path, ".git", "fettle");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.startsWith("cache/") || !name.includes("/"))
    .flatMap((name) => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      return found?.isFile() === true ? [`${name} ${found.mtimeMs} ${found.ino}`] : [];
    })
    .filter((line) => !line.startsWith("lock"))
    .toSorted();
}
