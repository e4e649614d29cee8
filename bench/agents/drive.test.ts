/** The four coding agents as they are, driven by the runner through its gateway. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Scene } from "../../test/support/provider/scene.ts";
import { calls, fails, overflows, says } from "../../test/support/provider/scene.ts";
import { AGENTS, type CodingAgentName, openStudio, type Studio } from "./studio.ts";

let studio: Studio;
beforeEach(async () => {
  studio = await openStudio();
});
afterEach(() => studio.close());

const YES = says(`{"answer":"yes"}`);
const NOTE = "projects/studio/note.txt";

/** How each writes a file. */
const WRITE: Readonly<Record<CodingAgentName, (path: string) => Scene>> = {
  claude: (path) => calls("Write", { file_path: path, content: "from the agent" }),
  codex: (path) => calls("exec_command", { cmd: `printf 'from the agent' > ${path}` }),
  gemini: (path) => calls("write_file", { file_path: path, content: "from the agent" }),
  opencode: (path) => calls("write", { filePath: path, content: "from the agent" }),
};

test.each(AGENTS)("%s answers, and its answer is the outputs", async (agent) => {
  studio.provider.play(YES);

  const { result } = await studio.run({ agent });

  expect(result).toMatchObject({ outcome: "succeeded", outputs: { answer: "yes" }, files: [] });
  expect(result.spend?.requests).toBeGreaterThan(0);
});

test.each(AGENTS)("%s is given no key: the gateway puts it in", async (agent) => {
  const before = studio.provider.asked.length;
  studio.provider.play(YES);

  await studio.run({ agent });

  const said = JSON.stringify(studio.provider.asked.slice(before).map(({ text }) => text));
  expect(said).not.toContain("the-real-key");
  expect(studio.provider.asked.length).toBeGreaterThan(before);
});

test.each(AGENTS)("%s makes a file, and the runner takes it", async (agent) => {
  studio.provider.play(WRITE[agent](NOTE), YES);

  const { result } = await studio.run({ agent, permissions: "edit" });

  expect(result).toMatchObject({ outcome: "succeeded", outputs: { answer: "yes" } });
  const made = result.files.map(({ path, content }) => [path, Buffer.from(content).toString()]);
  expect(made).toEqual([[NOTE, "from the agent"]]);
});

test.each(AGENTS)("what %s may not write spoils the work", async (agent) => {
  studio.provider.play(WRITE[agent](NOTE), YES);

  const { result } = await studio.run({ agent, permissions: "edit", writes: ["elsewhere/**"] });

  expect(result).toMatchObject({ outcome: "permission-denied", files: [] });
  expect(result.reason).toContain(NOTE);
});

test.each(AGENTS)("%s that may only read makes no file", async (agent) => {
  studio.provider.play(WRITE[agent](NOTE), YES);

  const { result } = await studio.run({ agent });

  expect(result.files).toEqual([]);
});

test.each(["gemini", "opencode"] as const)(
  "what %s was not allowed ends the work",
  async (agent) => {
    studio.provider.play(WRITE[agent](NOTE), YES);

    const { result } = await studio.run({ agent });

    expect(result.outcome).toBe("permission-denied");
  },
);

test("what claude was not allowed ends the work", async () => {
  studio.provider.play(calls("Read", { file_path: "/etc/hostname" }), YES);

  const { result } = await studio.run({ agent: "claude" });

  expect(result.outcome).toBe("permission-denied");
});

test.each(AGENTS)("an answer of %s that does not fit is refused by the runner", async (agent) => {
  studio.provider.play(says(`{"answer":7}`));

  const { result } = await studio.run({ agent });

  expect(result.outcome).toBe("schema-invalid");
});

const FAILURES = [
  ["a refused key", fails(401, "invalid key"), "auth"],
  ["a long rate limit", fails(429, "slow down", { "retry-after": "90" }), "rate-limited"],
  ["a broken provider", fails(500, "broken"), "provider-error"],
  ["a prompt that is too long", overflows(), "context-overflow"],
] as const;

/** opencode asks a broken provider again and again by itself, and has no setting for it: its time ends it. */
const CASES = FAILURES.flatMap(([what, scene, outcome]) =>
  AGENTS.map((agent) => {
    const isWaiting = agent === "opencode" && outcome === "provider-error";
    return { agent, what, scene, outcome: isWaiting ? "timeout" : outcome };
  }),
);

test.each(CASES)("$what is its own outcome for $agent", async ({ agent, scene, outcome }) => {
  studio.provider.play(scene);

  const { result } = await studio.run({ agent, wall: "25s" });

  expect([result.outcome, result.reason]).toEqual([outcome, result.reason]);
});

test.each(AGENTS)("%s is told when to come back after a rate limit", async (agent) => {
  studio.provider.play(fails(429, "slow down", { "retry-after": "90" }));

  const { result } = await studio.run({ agent, wall: "45s" });

  expect(result.retryAfterMs).toBeGreaterThan(60_000);
});

test.each(AGENTS)("%s that goes on for ever stops at its money", async (agent) => {
  studio.provider.play(WRITE[agent](NOTE));

  const { result } = await studio.run({ agent, permissions: "edit", usd: 0.01 });

  expect(["budget-exhausted", "no-progress"]).toContain(result.outcome);
  expect(result.spend?.micros).toBeLessThanOrEqual(10_000);
});

test.each(AGENTS)("%s that hangs is ended at its time", async (agent) => {
  studio.provider.play({ kind: "hang", after: "headers" });

  const { result } = await studio.run({ agent, wall: "12s" });

  expect(result).toMatchObject({ outcome: "timeout" });
});

test.each(["claude", "codex", "gemini"] as const)(
  "%s goes on with its session and its files after it was cut off",
  async (agent) => {
    studio.provider.play(WRITE[agent](NOTE), fails(500, "broken"));
    const first = await studio.run({ agent, permissions: "edit" });
    const before = studio.provider.asked.length;
    studio.provider.play(YES);

    const second = await studio.run({ agent, permissions: "edit", checkpoints: first.saved });

    expect(first.result.outcome).toBe("provider-error");
    expect([...first.saved.keys()]).toEqual(["codingAgentSession"]);
    expect(second.result).toMatchObject({ outcome: "succeeded", outputs: { answer: "yes" } });
    expect(second.result.files.map(({ path }) => path)).toEqual([NOTE]);
    expect(studio.provider.asked[before]?.text).toContain("from the agent");
    // The session's total, of which the first attempt is no part of this one.
    expect(second.result.spend?.requests).toBeLessThanOrEqual(2);
  },
);
