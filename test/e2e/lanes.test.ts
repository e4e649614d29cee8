/** A lane as a process: what it is given, what it leaves when it is killed, and that it goes on. */
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { makeDesk, said, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk();
let company: Desk;
let lane: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company", {
    ...settings(),
    ...project("shop"),
    ...agent("quick"),
    "agents/quick/main.sh": `printf '{"outputs":{"here":"'"$(ls -a | tr '\\n' ' ')"'"}}'\n`,
    ...agent("slow"),
    "agents/slow/main.sh": "sleep 30\n",
    ...pipeline("shop/fast", [{ id: "act", agent: "quick" }]),
    ...pipeline("shop/long", [{ id: "act", agent: "slow" }]),
  });
  await company.fettle("run", "fast");
  await company.fettle("run", "long");
  mkdirSync(join(desk.folder, "machine"));
  lane = desk.at(join(desk.folder, "machine"));
});
afterAll(desk.remove);

test("A lane needs no repository; killed amid a step it leaves the results that are whole, and no other.", async () => {
  const planned = await company.fettle("plan", "--lanes", "1", "--out", "../lanes", "--json");
  expect(JSON.parse(planned.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ count: 1 });

  const child = lane.start(["execute", "../lanes/lane-1.json", "--out", "results"]);
  await said(child, "succeeded");
  child.kill("SIGKILL");
  await once(child, "close");
  const left = readdirSync(join(lane.folder, "results")).filter((name) => name.endsWith(".json"));
  const settled = await company.fettle(
    "settle",
    "../machine/results",
    "--plan",
    "../lanes",
    "--json",
  );

  expect(left).toHaveLength(1);
  expect(JSON.parse(settled.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
    kind: "settled",
    told: 1,
    lost: [{ step: "act", reason: "the lane that was to do it never reported" }],
  });
  const told = await company.fettle("explain", "fast/act", "--verbose");
  expect(told.stdout).not.toContain(".git");
  expect((await company.fettle("verify")).stdout).toContain("verified");
});

test("A plan that was changed on its way is not executed.", async () => {
  const other = `sha256:${"0".repeat(64)}`;
  const ended = await lane.fettle(
    "execute",
    "../lanes/lane-1.json",
    "--plan",
    other,
    "--out",
    "none",
  );

  expect(ended).toMatchObject({ code: 5, stdout: "" });
});
