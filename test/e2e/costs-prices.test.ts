/** `fettle costs prices` as a process, with a list that a server on loopback gives. */
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { project, settings } from "../support/company.ts";
import { makeDesk, type Desk, type Ended } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;
let server: Server;
let list: unknown;

beforeAll(async () => {
  server = createServer((_, response) => {
    if (list === null) response.writeHead(503);
    response.end(typeof list === "string" ? list : JSON.stringify(list));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  company = await makeCompany(desk, "company", {
    ...settings({
      models: {
        mini: { provider: "openai", model: "gpt-4o-mini" },
        own: { provider: "openai", model: "gpt-4o-mini", price: { input: 1, output: 2 } },
        plan: { provider: "anthropic", model: "claude-sonnet-4-5", price: "subscription" },
        odd: { provider: "openai", model: "unheard-of" },
        local: {
          provider: "openai-compatible",
          baseUrl: "http://127.0.0.1:1/v1",
          model: "m",
          price: "zero",
        },
      },
    }),
    ...project("shop"),
  });
});
afterAll(() => {
  server.close();
  desk.remove();
});

function prices(...args: readonly string[]): Promise<Ended> {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const environment = { FETTLE_PRICES_URL: `http://127.0.0.1:${port}/data.json` };
  return company.run(["costs", "prices", ...args], { environment });
}

function openai(price: unknown): unknown {
  const mini = { id: "gpt-4o-mini", match: { equals: "gpt-4o-mini" }, prices: price };
  return [{ id: "openai", name: "OpenAI", models: [mini] }];
}

test("every model of fettle.yaml is shown with its price and where that comes from", async () => {
  const { code, stdout } = await prices("--json");
  const told = JSON.parse(stdout);

  expect(code).toBe(0);
  expect(told).toMatchObject({ from: "program", digest: expect.stringMatching(/^sha256:/) });
  expect(told.models).toEqual([
    { name: "mini", model: "gpt-4o-mini", from: "openai/gpt-4o-mini", input: 0.15, output: 0.6 },
    { name: "own", model: "gpt-4o-mini", from: "fettle.yaml", input: 1, output: 2 },
    { name: "plan", model: "claude-sonnet-4-5", from: "subscription", input: 3, output: 15 },
    { name: "odd", model: "unheard-of", from: null, input: null, output: null },
    { name: "local", model: "m", from: "zero", input: 0, output: 0 },
  ]);
  expect((await prices()).stdout).toMatch(/odd +unheard-of +\? +\? +not known: no request is sent/);
});

test.each([
  ["a price below zero", openai({ input_mtok: -1, output_mtok: 2 })],
  ["an absurd price", openai({ input_mtok: 1, output_mtok: 2001 })],
  ["a price in words", openai({ input_mtok: "1", output_mtok: 2 })],
  ["no prices", openai({})],
  ["no models", [{ id: "openai" }]],
  ["no JSON", "<html>"],
])("a list with %s is refused, and nothing is written", async (_, given) => {
  list = given;

  const { code, stderr } = await prices("--update");

  expect(code).toBe(5);
  expect(stderr).toMatch(/^error: the list of prices .*\n  nothing was written/);
  expect(existsSync(join(company.folder, "prices"))).toBe(false);
});

test("a server that does not answer is told as that", async () => {
  list = null;

  const { code, stderr } = await prices("--update");

  expect([code, stderr]).toEqual([75, expect.stringContaining("not fetched: HTTP 503")]);
});

test("a new list is written and not committed; once committed it is in force", async () => {
  list = openai({ input_mtok: 0.2, output_mtok: 0.6, cache_read_mtok: 0.1 });

  const { code, stdout } = await prices("--update");
  const still = JSON.parse((await prices("--json")).stdout);
  await company.git("add", "--all");
  await company.git("commit", "--quiet", "--message", "prices");
  const then = JSON.parse((await prices("--json")).stdout);

  expect(code).toBe(0);
  expect(stdout).toContain("mini (gpt-4o-mini): input 0.15 -> 0.2, output 0.6 -> 0.6");
  expect(stdout).toContain("plan (claude-sonnet-4-5): input 3 -> ?, output 15 -> ?");
  expect(readFileSync(join(company.folder, "prices/models.json"), "utf8")).toContain(
    '{"id":"gpt-4o-mini"',
  );
  expect(still.from).toBe("program");
  expect(then).toMatchObject({
    from: "workspace",
    models: [{ name: "mini", input: 0.2 }, {}, {}, {}, {}],
  });
  expect(then.digest).not.toBe(still.digest);
});

test("a table on main that cannot be used is not replaced by another", async () => {
  await company.git("rm", "--quiet", "prices/models.json");
  await commit(company, { "prices/models.json": '{"format":1}' });

  const { code, stderr } = await prices();

  expect([code, stderr]).toEqual([65, expect.stringContaining("is no valid table")]);
});
