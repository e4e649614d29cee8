import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Fate } from "../contract/github/double.ts";
import { REPOSITORY } from "../contract/github/double-state.ts";
import { hubShop } from "../support/hub-shop.ts";
import { PAYLOADS, withChange } from "../contract/github/payload.ts";
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
  writeFileSync(event, JSON.stringify(PAYLOADS.command));

  const doctor = await company.run(["doctor"], { environment });
  const edited = join(desk.folder, "edited.json");
  writeFileSync(edited, JSON.stringify(PAYLOADS["edited comment"]));
  const ignored = await company.run(["command", edited], { environment });
  const before = pull?.state;
  const heard = await company.run(["command", event], { environment });
  const broken = await company.run(["command", join(desk.folder, "none.json")], { environment });
  const mangled = join(desk.folder, "mangled.json");
  writeFileSync(mangled, JSON.stringify(withChange(PAYLOADS.command, ["comment", "body"], 7)));
  const refused = await company.run(["command", mangled], { environment });

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
  expect([broken.code, refused.code]).toEqual([64, 64]);
  expect(refused.stderr).toContain("is no event of GitHub: comment.body is no text");
  expect(hub.shop.calls.filter(({ agent }) => agent.name === "sender")).toEqual([]);
});

test("What a check has found is one comment under its pull request, kept up to date from a report that is text alone.", async () => {
  const hub = await hubShop();
  const desk = makeDesk();
  onTestFinished(() => desk.remove());
  const company = desk.at(hub.shop.operator.path);
  const [pull] = hub.double.state.pulls;
  const environment = {
    FETTLE_FORGE_TOKEN: "runner",
    GITHUB_API_URL: hub.double.api,
    GITHUB_REPOSITORY: REPOSITORY,
    FETTLE_NOW: "2026-03-02T10:00:00Z",
  };
  const report = join(desk.folder, "check", "report.json");
  const commit = hub.shop.operator.git("rev-parse", "main");
  const comment = [
    "actions",
    "comment",
    report,
    "--pull",
    String(pull?.number),
    "--commit",
    commit,
  ];

  const checked = await company.run(["actions", "check", "--out", report], { environment });
  const written = await company.run(comment, { environment });
  writeFileSync(report, JSON.stringify({ isValid: false, parts: [{ title: "x", text: "@eve" }] }));
  const changed = await company.run(comment, { environment });
  const stranger = { ...environment, FETTLE_FORGE_TOKEN: "bea" };
  hub.double.onRequest = ({ method, by }) =>
    method === "GET" || by.login !== "bea" ? undefined : FORBIDDEN;
  const refused = await company.run(comment, { environment: stranger });
  writeFileSync(report, JSON.stringify({ isValid: false, parts: [{ title: "x" }] }));
  const broken = await company.run(comment, { environment });

  expect([checked.code, written.code, written.stdout]).toEqual([0, 0, "the comment is written\n"]);
  expect(changed.stdout).toBe("the comment is up to date again\n");
  expect([refused.code, refused.stdout]).toEqual([
    0,
    expect.stringContaining("the summary of the check says the same"),
  ]);
  expect([broken.code, broken.stderr]).toEqual([64, expect.stringContaining("is no report")]);
  expect(hub.double.state.comments.map(({ by, body }) => [by.login, body])).toEqual([
    ["fettle[bot]", expect.stringMatching(/^<!-- fettle:check -->\n[\s\S]*```text\n@eve\n```\n$/u)],
  ]);
});

const FORBIDDEN: Fate = {
  kind: "answered",
  status: 403,
  message: "Resource not accessible by integration",
};
