import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** What an agent's program answers on standard output. */
export interface Answer {
  readonly outcome: string;
  readonly outputs: Readonly<Record<string, unknown>> | null;
  readonly rationale: string;
  readonly receipt?: Readonly<Record<string, unknown>>;
}

export interface Request {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly asOf?: string;
  readonly attempt?: number;
  readonly effect?: { readonly key: string; readonly resume: boolean };
}

/** A temp folder with the agents and the given files, as an attempt's folder has them; removed after the test. */
export async function makeFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "studio-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp("agents", join(folder, "agents"), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** Runs an agent's program in the folder; rejects when it does not exit with 0. */
export async function runAgent(
  program: string,
  folder: string,
  { environment = {}, ...request }: Request & { readonly environment?: NodeJS.ProcessEnv },
): Promise<Answer> {
  const child = spawn(process.execPath, [`agents/${program}`], {
    cwd: folder,
    env: environment,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stdin.end(
    JSON.stringify({
      asOf: "2026-11-22T08:00:00.000Z",
      attempt: 1,
      project: { name: "collections", dir: "projects/collections" },
      memory: [],
      history: {},
      effect: null,
      ...request,
    }),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(Buffer.from(chunk));
  const code = await closed;
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return JSON.parse(Buffer.concat(chunks).toString());
}
