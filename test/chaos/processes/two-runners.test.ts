/** Two clones of one origin, a runner in each, killed again and again: real processes, real git. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../../support/company.ts";
import { ended, makeDesk, type Desk, type Ended } from "../../e2e/program.ts";
import { makeCompany } from "../../e2e/small-company.ts";
import { Random } from "../simulation/random.ts";

const SEED = Number(process.env["FETTLE_SEED"] ?? 1);
const ROUNDS = Number(process.env["FETTLE_ROUNDS"] ?? 6);
const PEOPLE = ["ann", "ben", "cleo", "dan", "eve"];

const desk = makeDesk();
const post = join(desk.folder, "post.txt");
const runners: Desk[] = [];

const LIST = `printf '{"outputs":{"people":${JSON.stringify(PEOPLE)}}}'\n`;
/** Cannot tell afterwards whether it wrote, and takes a while before and after. */
const SEND = `to=$(grep -o '"to":"[a-z]*"' | tail -n 1 | cut -d '"' -f 4)
sleep 0.05; echo "$to" >> ${post}; sleep 0.05
printf '{"outputs":{}}'
`;

const STEPS = [
  { id: "list", agent: "list" },
  {
    id: "send",
    agent: "send",
    forEach: "${{ steps.list.outputs.people }}",
    itemKey: "${{ item }}",
    with: { to: "${{ item }}" },
    once: { key: "mail/${{ item }}", every: "7d", max: 1 },
    compensate: { none: "a sent mail cannot be recalled" },
  },
];

beforeAll(async () => {
  const company = await makeCompany(desk, "first", {
    ...settings(),
    ...project("shop"),
    ...agent("list"),
    "agents/list/main.sh": LIST,
    ...agent("send", { effects: "external", idempotency: "none" }),
    "agents/send/main.sh": SEND,
    ...pipeline("shop/letters", STEPS),
    ...pipeline("shop/cards", STEPS),
  });
  await desk.git("clone", "--quiet", "--bare", "first", "origin.git");
  await company.git("remote", "add", "origin", join(desk.folder, "origin.git"));
  await desk.git("clone", "--quiet", "origin.git", "second");
  runners.push(company, desk.at(join(desk.folder, "second")));
  for (const name of ["letters", "cards"]) await company.fettle("run", name);
}, 60_000);
afterAll(desk.remove);

interface Doubt {
  readonly onceKey: string;
}

function first(): Desk {
  const [runner] = runners;
  if (runner === undefined) throw new Error("there is no runner");
  return runner;
}

async function killedAfter(runner: Desk, ms: number): Promise<Ended> {
  const child = runner.start(["reconcile"]);
  const end = ended(child);
  await Promise.race([end, wait(ms)]);
  child.kill("SIGKILL");
  return end;
}

test(
  "However often two runners are killed, no effect happens twice, and what may have happened is in doubt.",
  async () => {
    const random = new Random(SEED);
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(runners.map((runner) => killedAfter(runner, 200 + random.below(900))));
    }
    // The first may wait for what the second ends.
    for (const runner of [...runners, ...runners]) {
      const { code } = await runner.fettle("reconcile");
      // 1: a run ended as failed, because of its doubts.
      expect([0, 1]).toContain(code);
    }
    expect(await first().fettle("reconcile")).toMatchObject({ code: 0 });

    const sent = existsSync(post) ? readFileSync(post, "utf8").trim().split("\n") : [];
    const doubted: readonly Doubt[] = JSON.parse((await first().fettle("answer", "--json")).stdout);
    const known = new Set([...sent, ...doubted.map(({ onceKey }) => onceKey.replace("mail/", ""))]);
    expect(sent.toSorted()).toEqual([...new Set(sent)].toSorted());
    expect([...known].toSorted()).toEqual(PEOPLE);
    const [here, there] = await Promise.all(
      runners.map((runner) => runner.fettle("runs", "--json")),
    );
    expect(here?.stdout).toContain("letters");
    expect(there?.stdout).toBe(here?.stdout);
    for (const runner of runners) {
      expect(await runner.fettle("verify")).toMatchObject({ code: 0, stdout: expect.any(String) });
      expect(await runner.git("fsck", "--no-dangling", "--no-progress")).toBe("");
      expect(await runner.git("status", "--porcelain")).toBe("");
    }
  },
  60_000 + 20_000 * ROUNDS,
);
