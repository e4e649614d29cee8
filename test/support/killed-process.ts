/** `fettle reconcile` as a process that is killed in the middle of its work. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Rehearsal } from "./rehearsal.ts";
import { SHIPPED } from "./shipped.ts";

const POLL_MS = 2;
const PATIENCE_MS = 60_000;

/** Starts it and sends SIGKILL as soon as `isTime`; the signal by which it ended, null when it was faster. */
export async function killedWhen(shop: Rehearsal, isTime: () => boolean): Promise<string | null> {
  const child = reconcileOf(shop);
  const ended = once(child, "exit");
  await until(child, isTime);
  child.kill("SIGKILL");
  await ended;
  return child.signalCode;
}

/** Presses Ctrl-C as soon as `isTime`, and again when that comes true again; the exit code. */
export async function interruptedWhen(
  shop: Rehearsal,
  ...times: readonly (() => boolean)[]
): Promise<number | null> {
  const child = reconcileOf(shop);
  const ended = once(child, "exit");
  for (const isTime of times) {
    await until(child, isTime);
    child.kill("SIGINT");
  }
  await ended;
  return child.exitCode;
}

function reconcileOf(shop: Rehearsal): ChildProcess {
  const program = ["bin/fettle.mjs", "-C", shop.operator.path, "reconcile"];
  const env = { ...shop.environment, FETTLE_NOW: "2026-03-02T10:00:00.000Z", ...SHIPPED };
  return spawn(process.execPath, program, { env, stdio: "ignore" });
}

async function until(child: ChildProcess, isTime: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (child.exitCode === null && !isTime() && Date.now() < deadline) await sleep(POLL_MS);
}
