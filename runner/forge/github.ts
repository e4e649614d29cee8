/** The forge on GitHub, or on a server that speaks as GitHub does. */
import type { Octokit } from "octokit";
import { keepNote } from "./github-comments.ts";
import {
  openClient,
  refusalOf,
  type Answered,
  type GithubOptions,
  type Line,
} from "./github-client.ts";
import { keepIssue } from "./github-issues.ts";
import { sayOf } from "./github-statuses.ts";
import { mergePull, observePulls, proposePull, revisePull } from "./github-pulls.ts";
import { setupOf } from "./github-setup.ts";
import { mayWrite } from "./github-account.ts";
import type { Forge, Told } from "./port.ts";

export function githubForge(options: GithubOptions): Forge {
  let opening: Promise<Octokit> | null = null;
  const ask = async <Value>(
    signal: AbortSignal,
    work: (line: Line) => Promise<Answered<Value>>,
  ): Promise<Told<Value>> => {
    opening ??= openClient(options);
    const answer = await work({ client: await opening, place: options, signal });
    return answer.ok ? answer : refusalOf(answer.failure, options.nowMs());
  };
  return {
    observe: (watched, signal) => ask(signal, (line) => observePulls(line, watched)),
    propose: (proposal, signal) => ask(signal, (line) => proposePull(line, proposal)),
    revise: (number, text, signal) => ask(signal, (line) => revisePull(line, number, text)),
    note: (number, note, signal) => ask(signal, (line) => keepNote(line, number, note)),
    keepIssue: (issue, signal) => ask(signal, (line) => keepIssue(line, issue)),
    sayOf: (commit, word, signal) => ask(signal, (line) => sayOf(line, commit, word)),
    setup: (signal) => ask(signal, (line) => setupOf(line)),
    mayWrite: (login, signal) => ask(signal, (line) => mayWrite(line, login)),
    merge: (number, what, signal) => ask(signal, (line) => mergePull(line, number, what)),
  };
}
