import { onTestFinished } from "vitest";
import type { GithubOptions } from "#runner/forge/github-client.ts";
import { Double } from "./double.ts";
import { REPOSITORY, type Who } from "./double-state.ts";

const nowMs = (): number => Date.parse("2026-03-02T09:00:00Z");

/** The double around a bare repository, and how the runner reaches it; closed when the test ends. */
export async function startDouble(
  bare: string,
  who: Who = "runner",
): Promise<{ readonly double: Double; readonly options: GithubOptions }> {
  const double = new Double(bare);
  await double.listen();
  onTestFinished(() => double.close());
  const [owner = "", repo = ""] = REPOSITORY.split("/");
  const options = {
    api: double.api,
    owner,
    repo,
    token: who,
    patienceMs: 0,
    nowMs,
    pacing: "none",
  } as const;
  return { double, options };
}
