import { expect, test } from "vitest";
import { execute } from "#runner/runtimes/execute.ts";
import type { OpenDoor, Toll } from "#runner/runtimes/model-door.ts";
import type { ModelSettings } from "#runner/schema/types.gen.ts";
import { ANSWER, options, program, rungs } from "./invocation-builder.ts";

const paid: ModelSettings = {
  provider: "anthropic",
  model: "claude-sonnet-5",
  key: "ANTHROPIC_API_KEY",
};
const nearby: ModelSettings = {
  provider: "openai-compatible",
  baseUrl: "http://127.0.0.1:9/v1",
  model: "tiny",
  price: "zero",
};
const PAID = "no key ANTHROPIC_API_KEY";

test("the ladder is walked from the top, and the result says why it ended below", async () => {
  const call = rungs(
    { model: "default", fallback: [{ model: "small" }, { template: { answer: "answer.hbs" } }] },
    { "answer.hbs": "Hello {{inputs.name}}\n" },
    { models: { default: paid, small: nearby }, inputs: { name: "Ada" } },
  );

  const result = await execute(call, options());

  expect(result).toMatchObject({
    outcome: "succeeded",
    outputs: { answer: "Hello Ada" },
    rung: "template",
    reason: "",
  });
  expect(result.degraded).toMatch(
    `model default: ${PAID}; model small: fettle: small did not answer: `,
  );
});

test("rungs above the one that the plan begins on are not tried, and told as passed over", async () => {
  const ladder = { from: 2, rung: "template", why: "the day's money is gone" };
  const call = rungs(
    { model: "default", fallback: [{ model: "small" }, { template: { answer: "answer.hbs" } }] },
    { "answer.hbs": "Hello" },
    { models: { default: paid, small: nearby }, ladder },
  );

  const result = await execute(call, options());

  expect(result).toMatchObject({ outcome: "succeeded", rung: "template" });
  expect(result.degraded).toBe(
    "model default: passed over: the day's money is gone; model small: passed over: the day's money is gone",
  );
  expect(result).not.toHaveProperty("spend");
});

test("when the rungs below fail, too, the reason names all", async () => {
  const call = rungs(
    { template: { answer: "no.hbs" }, fallback: [{ model: "default" }] },
    {},
    { models: { default: paid }, ladder: { from: 1, rung: "model default", why: "slo.missed" } },
  );

  const result = await execute(call, options());

  expect(result).toMatchObject({ outputs: null, rung: "model:default" });
  expect(result.reason).toBe(`template: passed over: slo.missed; model default: ${PAID}`);
});

test("the first rung that works ends the walk", async () => {
  const call = rungs(
    { template: { answer: "first.hbs" }, fallback: [{ template: { answer: "second.hbs" } }] },
    { "first.hbs": "first", "second.hbs": "second" },
  );

  const result = await execute(call, options());

  expect(result).toMatchObject({ outputs: { answer: "first" }, rung: "template" });
  expect(result).not.toHaveProperty("degraded");
});

test("when every rung fails, the outcome is the one that may pass, with every reason", async () => {
  const call = rungs(
    { model: "small", fallback: [{ model: "default" }] },
    {},
    { models: { default: paid, small: nearby } },
  );

  const result = await execute(call, options());

  expect(result).toMatchObject({ outcome: "provider-error", outputs: null, rung: "model:default" });
  expect(result.reason).toMatch(
    /^model small: fettle: small did not answer: .*; model default: no key ANTHROPIC_API_KEY$/,
  );
});

test("what is wrong with the work is not tried again on the next rung", async () => {
  const call = program(
    `console.log('{"outcome":"missing-data","rationale":"line 3 has no date"}')`,
    {},
    {
      runtime: {
        command: ["node", "agents/tester/main.mjs"],
        fallback: [{ template: { answer: "main.mjs" } }],
      },
    },
  );

  const result = await execute(call, options());

  expect(result).toMatchObject({
    outcome: "missing-data",
    reason: "line 3 has no date",
    rung: "command",
  });
});

test("an external effect is never tried on a second rung once a program ran", async () => {
  const agent = {
    effects: "external" as const,
    idempotency: "native" as const,
    runtime: {
      command: ["false"] as [string],
      fallback: [{ command: ["node", "agents/tester/main.mjs"] as [string, string] }],
    },
  };

  const external = await execute(program(ANSWER, { effectKey: "sha256:k" }, agent), options());
  const free = await execute(program(ANSWER, {}, agent), options());

  expect(external).toMatchObject({ outcome: "crashed", rung: "command", reason: "exit code 1" });
  expect(free).toMatchObject({ outcome: "succeeded", degraded: "command: exit code 1" });
});

test("an effect is in doubt once a program ran, and not when none was started", async () => {
  const call = { effectKey: "sha256:k" };
  const agent = { effects: "external", idempotency: "none" } as const;
  const broken = { ...agent, outputs: { type: "nonsense" } };

  const ran = await execute(program("process.exit(3);", call, agent), options());
  const unread = await execute(program(ANSWER, call, broken), options());
  const late = await execute(program(ANSWER, { ...call, timeoutMs: 0 }, agent), options());

  expect(ran).toMatchObject({ outcome: "uncertain", started: true });
  expect(unread).toMatchObject({ outcome: "schema-invalid", started: false });
  expect(late).toMatchObject({ outcome: "timeout", started: false });
});

test("a template still answers when the rungs above it took all the time", async () => {
  const call = program(
    "setInterval(() => {}, 1000);",
    { timeoutMs: 200 },
    {
      runtime: {
        command: ["node", "agents/tester/main.mjs"],
        fallback: [{ command: ["node"] }, { template: { answer: "main.mjs" } }],
      },
    },
  );

  const result = await execute(call, options());

  expect(result).toMatchObject({
    outcome: "succeeded",
    rung: "template",
    degraded: "command: it did not end in time and was killed; command: no time was left",
  });
});

test("nothing is started after an abort", async () => {
  const result = await execute(program(ANSWER), options({ signal: AbortSignal.abort() }));

  expect(result).toMatchObject({ outcome: "cancelled", reason: "it was stopped" });
});

test("one rung can be asked for by name", async () => {
  const call = rungs(
    { template: { answer: "a.hbs" }, fallback: [{ model: "small" }] },
    { "a.hbs": "a" },
    { models: { small: nearby } },
  );

  const [small, other] = await Promise.all([
    execute(call, options({ onlyRung: "model:small" })),
    execute(call, options({ onlyRung: "model:large" })),
  ]);

  expect(small).toMatchObject({ outcome: "provider-error", rung: "model:small" });
  expect(other).toMatchObject({ outcome: "missing-tool", reason: "the agent has no such rung" });
});

test("an agent's schema that cannot be compiled fails the step with the reason", async () => {
  const call = program(ANSWER, {}, { outputs: { type: "no-such-type" } });

  const result = await execute(call, options());

  expect(result.outcome).toBe("schema-invalid");
  expect(result.reason).toMatch("the agent's schema of outputs: ");
});

test.each([
  { what: "an integer", schema: { type: "integer" }, template: "{{inputs.count}}", value: 3 },
  { what: "a list", schema: { type: "array" }, template: "{{json inputs.list}}", value: [1] },
  {
    what: "a text without its last line end",
    schema: { type: "string" },
    template: "a\nb\n",
    value: "a\nb",
  },
])("a template gives $what where the schema wants one", async ({ schema, template, value }) => {
  const call = rungs(
    { template: { answer: "a.hbs" } },
    { "a.hbs": template },
    { inputs: { count: 3, list: [1] } },
  );
  const { agent } = call;
  const outputs = { type: "object", properties: { answer: schema } };

  const result = await execute(
    { ...call, agent: { ...agent, manifest: { ...agent.manifest, outputs } } },
    options(),
  );

  expect(result.outputs).toEqual({ answer: value });
});

test.each([
  [
    "a value that is missing",
    "{{inputs.nobody}}",
    'agents/tester/a.hbs: "nobody" not defined in [object Object] - 1:2',
  ],
  ["a file that is missing", undefined, "agents/tester/a.hbs: there is no such file"],
])("a template with %s is no answer", async (_, template, reason) => {
  const call = rungs(
    { template: { answer: "a.hbs" } },
    template === undefined ? {} : { "a.hbs": template },
  );

  expect(await execute(call, options())).toMatchObject({ outcome: "schema-invalid", reason });
});

test("a bug on the way leaves no door to models open", async () => {
  const open = options().openDoor;
  let closed = 0;
  const openDoor: OpenDoor = async (...asked) => {
    const opened = await open?.(...asked);
    if (opened?.ok !== true) throw new Error("there is no door");
    const close = (): Promise<Toll> => {
      closed += 1;
      return opened.door.close();
    };
    return { ...opened, door: { ...opened.door, close } };
  };
  const command: [string] = ["true"];
  const call = rungs({ command, models: ["small"] }, {}, { models: { small: nearby } });

  await expect(execute(call, options({ openDoor, workRoot: "/dev/null/x" }))).rejects.toThrow(
    "ENOTDIR",
  );
  expect(closed).toBe(1);
});
