/** `fettle reconcile` as a process that is killed in the middle of its work. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Rehearsal } from "./rehearsal.ts";

const POLL_MS = 2;
const PATIENCE_MS = 20_000;

/** Starts it and sends SIGKILL as soon as `isTime`; the signal by which it ended, null when it was faster. */
export async function killedWhen(shop: Rehearsal, isTime: () => boolean): Promise<string | null> {
  const program = ["bin/fettle.mjs", "-C", shop.operator.path, "reconcile"];
  const env = { ...shop.environment, FETTLE_NOW: "2026-03-02T10:00:00.000Z" };
  const child = spawn(process.execPath, program, { env, stdio: "ignore" });
  const ended = once(child, "exit");
  const deadline = Date.now() + PATIENCE_MS;
  while (child.exitCode === null && !isTime() && Date.now() < deadline) await sleep(POLL_MS);
  child.kill("SIGKILL");
  await ended;
  return child.signalCode;
}
