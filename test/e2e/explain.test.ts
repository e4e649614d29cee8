/** `fettle explain` of a step: what its agent gave and wrote. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { makeDesk, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company", {
    ...settings(),
    ...project("shop"),
    ...agent("scribe"),
    "agents/scribe/main.sh":
      'echo "the oven is cold" >&2\nprintf \'{"outcome":"succeeded","outputs":{"text":"Dear Ann"}}\'\n',
    ...agent("breaker"),
    "agents/breaker/main.sh": 'echo "no oven at all" >&2\nexit 3\n',
    ...pipeline("shop/note", [{ id: "write", agent: "scribe" }]),
    ...pipeline("shop/crash", [{ id: "fall", agent: "breaker", retry: { limit: 1 } }]),
  });
  await company.fettle("run", "note");
  await company.fettle("run", "crash");
  await company.fettle("reconcile");
});
afterAll(desk.remove);

test("a step shows what its agent gave and what it wrote to standard error", async () => {
  const wrote = await company.fettle("explain", "note/write");
  const fell = await company.fettle("explain", "crash/fall");

  expect(wrote.stdout).toContain("  outputs\n    text: Dear Ann\n  log\n");
  expect(wrote.stdout).toContain("the oven is cold");
  expect(fell.stdout).toContain("no oven at all");
});

test("payload that is not here is said to be elsewhere", async () => {
  const refs = await company.git(
    "for-each-ref",
    "--format=%(refname)",
    "refs/heads/fettle/payload",
  );
  for (const ref of refs.trim().split("\n")) await company.git("update-ref", "-d", ref);

  const { code, stdout } = await company.fettle("explain", "note/write");

  expect(code).toBe(0);
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(
    /outputs not in this clone, or not kept any more: git fetch origin fettle\/payload\/(\d{4}-\d\d):fettle\/payload\/\1/,
  );
});

test("thresholds that fettle.yaml could not have are not tried on the policy", async () => {
  const shop = await makeCompany(desk, "thresholds");

  const apart = await shop.fettle("explain", "policy", "--auto-below", "90");
  const moved = ["--auto-below", "90", "--gate-from", "90"];
  const together = await shop.fettle("explain", "policy", ...moved);

  expect([apart.code, apart.stderr]).toEqual([
    64,
    expect.stringContaining("autoBelow 90 is above gateFrom 60"),
  ]);
  expect(together.code).toBe(0);
});
