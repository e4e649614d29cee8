/** What the operator types is kept in git: a secret in it is refused before anything is written. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { makeDesk, type Desk, type Ended } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const TOKEN = "open sesame/42";
const desk = makeDesk();
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company", {
    ...settings({ secrets: { TOKEN: { env: "TOKEN" }, OTHER: { env: "OTHER" } } }),
    ...project("shop"),
    ...agent("scribe", { secrets: ["TOKEN"] }),
    "agents/scribe/main.sh": `printf '{"outputs":{}}'\n`,
    ...pipeline("shop/note", [{ id: "write", agent: "scribe" }], {
      params: { about: { type: "string", default: "all" } },
    }),
  });
});
afterAll(desk.remove);

function fettle(...args: readonly string[]): Promise<Ended> {
  return company.run(args, { environment: { TOKEN } });
}

test.each([
  ["a parameter", ["run", "note", "--set", `about=${TOKEN}`]],
  ["a parameter, encoded", ["run", "note", "--set", `about=${btoa(`is ${TOKEN}`)}`]],
  ["a reason", ["run", "note", "--reason", `because of ${TOKEN}`]],
])("a secret in %s is refused, and nothing is written", async (_, args) => {
  const { code, stderr } = await fettle(...args);

  expect(code).toBe(5);
  expect(stderr).toMatch(/^error: it holds a secret \(secret:TOKEN\): nothing was written\n/);
  expect(stderr).not.toContain(TOKEN);
  expect(await company.git("for-each-ref", "refs/heads/fettle")).toBe("");
});

test("a secret in the reason for a rewritten main is refused", async () => {
  const other = await makeCompany(desk, "rewritten", {
    ...settings({ secrets: { TOKEN: { env: "TOKEN" } } }),
    ...project("shop"),
  });
  await other.fettle("reconcile");
  await other.git("commit", "--quiet", "--amend", "--message", "again");
  const before = await other.git("rev-parse", "fettle/state");

  const { code, stderr } = await other.run(["accept-rewrite", "--reason", TOKEN], {
    environment: { TOKEN },
  });

  expect([code, stderr]).toEqual([5, expect.stringContaining("it holds a secret (secret:TOKEN)")]);
  expect(await other.git("rev-parse", "fettle/state")).toBe(before);
});

test("a secret that is too short to be kept out of records is not given to an agent", async () => {
  await company.run(["run", "note"], { environment: { TOKEN: "1234" } });

  const { stderr } = await company.run(["reconcile"], { environment: { TOKEN: "1234" } });

  expect(stderr).toContain("secret TOKEN has fewer than 6 characters");
});
