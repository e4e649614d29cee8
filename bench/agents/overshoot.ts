/**
 * How far agents that never end go beyond their money: claude with its own flag, and through the gateway.
 * Every agent believes that the whole cap is its own; only the gateway sees all of them. Prints a table for docs/benchmarks.md.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGateway } from "#runner/gateway/gateway.ts";
import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import { CLAUDE } from "#runner/runtimes/claude-cli.ts";
import { serveProvider } from "../../test/support/provider/provider.ts";
import { calls } from "../../test/support/provider/scene.ts";

const CAP_MICROS = 50_000;
const MODEL = "claude-haiku-4-5";
/** What each request is counted as: 0.015 USD at 1 and 5 USD a million tokens. */
const USAGE: TokenUsage = {
  inFresh: 5000,
  cacheRead: 0,
  cacheWrite: 0,
  outText: 2000,
  reasoning: 0,
};
const PRICE = (usage: TokenUsage): number =>
  usage.inFresh + usage.cacheRead + usage.cacheWrite + 5 * (usage.outText + usage.reasoning);
const PROGRAM = join(import.meta.dirname, "installed/node_modules/.bin/claude");

const root = mkdtempSync(join(tmpdir(), "fettle-overshoot-"));
console.log(
  "| agents at once | `--max-budget-usd`, each | spent, of one cap | through the gateway | spent |",
);
console.log("| - | - | - | - | - |");
for (const agents of [1, 5, 20]) {
  const own = await spentBy(agents, "own");
  const gateway = await spentBy(agents, "gateway");
  console.log(
    `| ${agents} | ${usd(CAP_MICROS)} | ${figure(own)} | ${usd(CAP_MICROS)} for all | ${figure(gateway)} |`,
  );
}
rmSync(root, { recursive: true, force: true });

/** Micro-USD that the provider has counted once all of them have ended. */
async function spentBy(agents: number, contender: "own" | "gateway"): Promise<number> {
  const provider = await serveProvider();
  provider.play({ ...calls("Read", { file_path: "notes.txt" }), usage: USAGE });
  const gateway = openGateway({});
  const account = await gateway.open({
    grant: { micros: CAP_MICROS },
    upstreams: [
      { name: "coder", provider: "anthropic", baseUrl: provider.url, model: MODEL, price: PRICE },
    ],
    signal: new AbortController().signal,
    deadline: Date.now() + 600_000,
    record: () => {},
  });
  const baseUrl = contender === "own" ? provider.url : account.urlFor("coder");
  const key = contender === "own" ? "dummy" : account.token;
  const maxUsd = contender === "own" ? CAP_MICROS / 1_000_000 : null;
  await Promise.all(
    Array.from({ length: agents }, (_, index) => run({ index, baseUrl, key, maxUsd })),
  );
  const { micros } = await account.close();
  await gateway.close();
  await provider.close();
  const requests = provider.asked.filter(
    ({ method, path }) => method === "POST" && !path.includes("count_tokens"),
  );
  return contender === "own" ? requests.length * PRICE(USAGE) : micros;
}

interface Run {
  readonly index: number;
  readonly baseUrl: string;
  readonly key: string;
  readonly maxUsd: number | null;
}

function run({ index, baseUrl, key, maxUsd }: Run): Promise<void> {
  const home = join(root, `home-${index}`);
  const work = join(root, `work-${index}`);
  for (const folder of [home, work]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(work, "notes.txt"), "hello\n");
  const order = {
    home,
    baseUrl,
    key,
    model: MODEL,
    maxUsd,
    schema: null,
    maxTurns: null,
    session: null,
  };
  const { args, env } = CLAUDE.launch({ ...order, permissions: "read-only" });
  const child = spawn(PROGRAM, args, {
    cwd: work,
    // Thought that may come has to be reserved: without it the cap pays for a few requests.
    env: { PATH: process.env["PATH"] ?? "", HOME: home, ...env, MAX_THINKING_TOKENS: "0" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.end(`Read notes.txt, again and again (${index}).`);
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

function figure(micros: number): string {
  const beyond = Math.round((micros / CAP_MICROS - 1) * 1000) / 10;
  return `${usd(micros)} (${beyond > 0 ? "+" : ""}${beyond} %)`;
}

function usd(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(4)}`;
}
