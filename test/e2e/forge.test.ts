import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hubShop } from "../support/hub-shop.ts";
import { makeDesk } from "./program.ts";

test("With a token in the environment a comment of the operator is carried out, and doctor says how GitHub is set up.", async () => {
  const hub = await hubShop();
  const desk = makeDesk();
  onTestFinished(() => desk.remove());
  const company = desk.at(hub.shop.operator.path);
  const environment = {
    FETTLE_FORGE_TOKEN: "runner",
    GITHUB_API_URL: hub.double.api,
    FETTLE_NOW: "2026-03-02T10:00:00Z",
  };
  const [pull] = hub.double.state.pulls;
  const body = "/fettle approve";
  await hub.act("ada", "POST", `/issues/${pull?.number}/comments`, { body });
  const event = join(desk.folder, "event.json");
  const user = { login: "ada-northwind", type: "User" };
  const comment = { id: 1, body, user };
  writeFileSync(event, JSON.stringify({ action: "created", issue: { pull_request: {} }, comment }));

  const doctor = await company.run(["doctor"], { environment });
  const edited = join(desk.folder, "edited.json");
  writeFileSync(edited, JSON.stringify({ action: "edited", issue: { pull_request: {} }, comment }));
  const ignored = await company.run(["command", edited], { environment });
  const before = pull?.state;
  const heard = await company.run(["command", event], { environment });
  const broken = await company.run(["command", join(desk.folder, "none.json")], { environment });

  expect(doctor.stdout).toContain("the token is accepted");
  expect(doctor.stdout).not.toContain("runner:token");
  expect([ignored.code, ignored.stdout, before]).toEqual([
    0,
    "nothing to do: only a new comment asks for anything\n",
    "open",
  ]);
  expect([heard.code, heard.stdout, pull?.state, pull?.mergedBy?.login]).toEqual([
    0,
    "approve by ada@northwind.example: heard\n  fettle reconcile   goes on from here\n",
    "closed",
    "fettle[bot]",
  ]);
  expect(broken.code).toBe(64);
  expect(hub.shop.calls.filter(({ agent }) => agent.name === "sender")).toEqual([]);
});
