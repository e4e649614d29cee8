/** A GitHub that nobody here wrote: vercel-labs/emulate, over HTTP on the loopback. What it does otherwise than GitHub stands in emulate.test.ts. */
import { createEmulator } from "emulate";
import { onTestFinished } from "vitest";
import type { GithubOptions } from "#runner/forge/github-client.ts";
import { isObject, textOf, type Json } from "./json.ts";

export const OWNER = "ada-northwind";
const REPO = "company";

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

export interface Emulated {
  readonly options: GithubOptions;
  /** Asks in the name of the operator, as a browser would; `path` below the repository. */
  readonly ask: (method: string, path: string, body?: object) => Promise<Answer>;
}

function nowMs(): number {
  return Date.parse("2026-03-02T09:00:00Z");
}

/** A private company with one commit on main; closed when the test ends. */
export async function startEmulated(): Promise<Emulated> {
  const emulator = await createEmulator({
    service: "github",
    port: 0,
    seed: {
      tokens: {
        ada: { login: OWNER, scopes: ["repo"] },
        runner: { login: "fettle-runner", scopes: ["repo"] },
      },
      github: {
        users: [{ login: OWNER }, { login: "fettle-runner" }],
        repos: [{ owner: OWNER, name: REPO, private: true, auto_init: true }],
      },
    },
  });
  onTestFinished(() => emulator.close());
  const ask: Emulated["ask"] = async (method, path, body) => {
    const answer = await fetch(`${emulator.url}/repos/${OWNER}/${REPO}${path}`, {
      method,
      headers: { authorization: "Bearer ada" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
  };
  await ask("PUT", "/collaborators/fettle-runner", { permission: "push" });
  const place = { api: emulator.url, owner: OWNER, repo: REPO, token: "runner" };
  return { options: { ...place, patienceMs: 0, nowMs, pacing: "none" }, ask };
}

/** A text or number at a path of names in an answer. */
export function fieldOf(body: Json, ...names: readonly string[]): Json {
  let found = body;
  for (const name of names) found = isObject(found) ? (found[name] ?? null) : null;
  return found;
}

/** Puts a file on a branch, and says which commit that made. */
export async function putFile(
  { ask }: Emulated,
  branch: string,
  { path, text }: { readonly path: string; readonly text: string },
): Promise<string> {
  const content = Buffer.from(text).toString("base64");
  const before = await ask("GET", `/contents/${path}?ref=${branch}`);
  const sha = fieldOf(before.body, "sha");
  const known = sha === null ? {} : { sha };
  const put = await ask("PUT", `/contents/${path}`, {
    message: "Propose",
    content,
    branch,
    ...known,
  });
  return textOf(fieldOf(put.body, "commit", "sha"));
}

/** A branch of main with one file of its own. */
export async function makeBranch(emulated: Emulated, branch: string): Promise<string> {
  const main = await emulated.ask("GET", "/git/ref/heads/main");
  const sha = fieldOf(main.body, "object", "sha");
  await emulated.ask("POST", "/git/refs", { ref: `refs/heads/${branch}`, sha });
  return putFile(emulated, branch, { path: "mail.yaml", text: "text: Hello\n" });
}
