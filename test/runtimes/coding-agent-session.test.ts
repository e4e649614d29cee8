import { expect, test } from "vitest";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import type { Invocation } from "#runner/runtimes/invocation.ts";
import { fakeProgram } from "../support/fake-program.ts";
import { KEY, NOTE, replay, run } from "./coding-agent-run.ts";

/** Writes a transcript as claude does, and breaks off. */
const BREAK_OFF = `
const id = "35f3b738-538b-4e9e-84e5-72c66ad645f2";
const folder = path.join(env.HOME, ".claude/projects", process.cwd().replace(/[^A-Za-z0-9]/g, "-"));
fs.mkdirSync(folder, { recursive: true });
fs.appendFileSync(path.join(folder, id + ".jsonl"), JSON.stringify({ cwd: process.cwd(), word: env.WORD ?? "" }) + "\\n");
fs.mkdirSync("projects/studio", { recursive: true });
fs.writeFileSync("${NOTE}", "half");
process.exitCode = 1;`;

/** What a first attempt leaves behind. */
async function cutOff(more: Partial<Invocation> = {}): Promise<Checkpoints> {
  let saved: Checkpoints = new Map();
  const save = (checkpoints: Checkpoints): void => {
    saved = checkpoints;
  };
  await run(fakeProgram("claude", BREAK_OFF), {
    rung: { permissions: "edit" },
    more,
    site: { save },
  });
  return saved;
}

test("the next attempt goes on with the session, at its own paths, and with the files", async () => {
  const checkpoints = await cutOff();
  const look = `
    const id = args[args.indexOf("--resume") + 1];
    const kept = fs.readFileSync(path.join(env.HOME, ".claude/projects", process.cwd().replace(/[^A-Za-z0-9]/g, "-"), id + ".jsonl"), "utf8");
    const seen = JSON.parse(kept).cwd === process.cwd() ? fs.readFileSync("${NOTE}", "utf8") : "other paths";
    process.stdout.write(JSON.stringify({ type: "result", is_error: false, terminal_reason: "completed", result: JSON.stringify({ answer: seen }) }));`;
  const fake = fakeProgram("claude", look);

  const result = await run(fake, { rung: { permissions: "edit" }, more: { checkpoints } });

  expect(result).toMatchObject({ outcome: "succeeded", outputs: { answer: "half" } });
  expect(result.files.map(({ path }) => path)).toEqual([NOTE]);
  expect(fake.starts()[0]?.stdin).toMatch(/^You were cut off before you had finished/);
});

test("a session of another agent is not gone on with", async () => {
  const checkpoints = await cutOff();
  const fake = fakeProgram("codex", replay("codex-answer"));

  await run(fake, { name: "codex", more: { checkpoints } });

  expect(fake.starts()[0]?.args).not.toContain("resume");
});

test("a session that holds a secret is not kept", async () => {
  const checkpoints = await cutOff({
    secrets: { MODEL_KEY: KEY, NAME: "projects/studio/note" },
  });

  expect(checkpoints.size).toBe(0);
});

test("a session that came no further than before is dropped", async () => {
  const checkpoints = await cutOff();
  let saved: Checkpoints | undefined;
  const save = (now: Checkpoints): void => {
    saved = now;
  };

  await run(fakeProgram("claude", "process.exitCode = 1;"), {
    rung: { permissions: "edit" },
    more: { checkpoints },
    site: { save },
  });

  expect(checkpoints.size).toBe(1);
  expect(saved?.size).toBe(0);
});

test("the agent's own cap counts its session from the beginning", async () => {
  const source = `${BREAK_OFF}\nprocess.stdout.write(JSON.stringify({ type: "result", is_error: true, terminal_reason: "api_error", api_error_status: 500, result: "broken", total_cost_usd: 0.5 }));`;
  let checkpoints: Checkpoints = new Map();
  const save = (now: Checkpoints): void => {
    checkpoints = now;
  };
  await run(fakeProgram("claude", source), { rung: { permissions: "edit" }, site: { save } });
  const fake = fakeProgram("claude", replay("claude-answer"));

  await run(fake, { rung: { permissions: "edit" }, more: { checkpoints } });

  const args = fake.starts()[0]?.args ?? [];
  expect(args[args.indexOf("--max-budget-usd") + 1]).toBe("2.5");
});
