import { spawn } from "node:child_process";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

const OUTPUT = join(import.meta.dirname, "../../runner/output.ts");
const BYTES = 1_000_000;

test("What was said has left a process that ends itself at once, however slow its reader is.", async () => {
  const script = `
    const { Output } = await import(${JSON.stringify(OUTPUT)});
    void new Output(() => undefined).say(1, "x".repeat(${BYTES}));
    process.exit();`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));

  await sleep(500);
  const told = await buffer(child.stdout);

  expect([told.length, await ended]).toEqual([BYTES, 0]);
});
