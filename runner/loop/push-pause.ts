/** The one who lost a race waits a random while, longer each time: the winner must not win for ever. */
import { setTimeout as sleep } from "node:timers/promises";

const LONGEST_PAUSE_MS = 400;

export async function pauseBeforePush(attempt: number, signal?: AbortSignal): Promise<void> {
  const pauseMs = Math.random() * LONGEST_PAUSE_MS * Math.min(attempt, 4);
  await sleep(pauseMs, undefined, signal && { signal });
}
