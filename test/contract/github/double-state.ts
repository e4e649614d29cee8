/** What the double of GitHub knows: pull requests, comments and issues around a real bare repository. */
import { spawnSync } from "node:child_process";
import { ENVIRONMENT } from "../../support/git-repo.ts";
import type { JsonObject } from "./json.ts";

export interface Account {
  readonly login: string;
  readonly type: "User" | "Bot";
  readonly permission: "admin" | "write" | "read" | "none";
}

export const REPOSITORY = "ada-northwind/company";

export const ACCOUNTS = {
  ada: { login: "ada-northwind", type: "User", permission: "admin" },
  /** Has been an operator, and may read only. */
  bea: { login: "bea", type: "User", permission: "read" },
  /** May write, and is no operator. */
  eve: { login: "eve", type: "User", permission: "write" },
  runner: { login: "fettle[bot]", type: "Bot", permission: "write" },
  renovate: { login: "renovate[bot]", type: "Bot", permission: "write" },
} as const satisfies Readonly<Record<string, Account>>;

export type Who = keyof typeof ACCOUNTS;

export interface Review {
  readonly id: number;
  readonly by: Account;
  readonly state: string;
  readonly body: string;
  readonly commit: string;
  readonly at: string;
}

export interface Pull {
  readonly number: number;
  readonly branch: string;
  readonly base: string;
  readonly by: Account;
  readonly createdAt: string;
  readonly reviews: Review[];
  title: string;
  body: string;
  head: string;
  state: "open" | "closed";
  updatedAt: string;
  closedAt: string | null;
  closedBy: Account | null;
  mergedBy: Account | null;
  labels: string[];
  draft: boolean;
}

export interface Comment {
  readonly id: number;
  readonly number: number;
  readonly by: Account;
  readonly createdAt: string;
  body: string;
  updatedAt: string;
}

export interface Issue {
  readonly number: number;
  readonly by: Account;
  readonly createdAt: string;
  title: string;
  body: string;
  state: "open" | "closed";
  labels: string[];
  updatedAt: string;
}

const MERGER = { name: "GitHub", email: "noreply@github.com" };

export class DoubleState {
  readonly pulls: Pull[] = [];
  readonly comments: Comment[] = [];
  readonly issues: Issue[] = [];
  /** Oldest first. */
  readonly statuses: { readonly sha: string; readonly status: JsonObject }[] = [];
  /** Who pushed last. */
  pusher: Account | null = null;
  /** Where the bare repository is. */
  readonly path: string;
  #second = Date.parse("2026-03-02T09:00:00Z") / 1000;
  #id = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Each second is later than the one before. */
  now(): string {
    this.#second += 1;
    return new Date(this.#second * 1000).toISOString().replace(".000Z", "Z");
  }

  id(): number {
    this.#id += 1;
    return this.#id;
  }

  /** Moves the clock to an instant, unless it is later already. */
  travel(instant: string): void {
    this.#second = Math.max(this.#second, Math.ceil(Date.parse(instant) / 1000));
  }

  head(branch: string): string | null {
    const found = this.git(["rev-parse", "--verify", "--quiet", `refs/heads/${branch}`]);
    return found.code === 0 ? found.text : null;
  }

  isAncestor(commit: string, of: string): boolean {
    return this.git(["merge-base", "--is-ancestor", commit, of]).code === 0;
  }

  openPull(branch: string, base: string): Pull | undefined {
    return this.pulls.find(
      (pull) => pull.state === "open" && pull.branch === branch && pull.base === base,
    );
  }

  /** What GitHub does after a push: it follows the heads, and closes what was merged or whose branch is gone. */
  followBranches(): void {
    for (const pull of this.pulls.filter(({ state }) => state === "open")) {
      const head = this.head(pull.branch);
      const base = this.head(pull.base);
      if (head !== null && head !== pull.head) {
        pull.head = head;
        pull.updatedAt = this.now();
      }
      if (base !== null && this.isAncestor(pull.head, base)) this.close(pull, this.pusher, true);
      else if (head === null) this.close(pull, this.pusher, false);
    }
  }

  close(pull: Pull, by: Account | null, isMerged: boolean): void {
    pull.state = "closed";
    pull.closedAt = this.now();
    pull.updatedAt = pull.closedAt;
    pull.closedBy = by;
    pull.mergedBy = isMerged ? by : null;
  }

  /** Whether main and the head go together; the tree of both where they do. */
  mergedTree(pull: Pull): string | null {
    const base = this.head(pull.base) ?? "";
    const merged = this.git(["merge-tree", "--write-tree", base, pull.head]);
    return merged.code === 0 ? (merged.text.split("\n")[0] ?? null) : null;
  }

  /** Merges as GitHub's buttons do; false when both sides have changed the same. */
  merge(
    pull: Pull,
    by: Account,
    { method, title }: { readonly method: string; readonly title: string },
  ): boolean {
    const tree = this.mergedTree(pull);
    const base = this.head(pull.base);
    if (tree === null || base === null) return false;
    const parents = method === "squash" ? [base] : [base, pull.head];
    const commit = this.git(
      ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-m", title],
      {
        author: { name: by.login, email: `${by.login}@users.noreply.github.com` },
        committer: MERGER,
      },
    ).text;
    this.git(["update-ref", `refs/heads/${pull.base}`, commit, base]);
    this.close(pull, by, true);
    return true;
  }

  git(
    args: readonly string[],
    { author, committer } = { author: MERGER, committer: MERGER },
  ): { readonly code: number; readonly text: string } {
    const env = {
      ...ENVIRONMENT,
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      GIT_AUTHOR_DATE: `${this.#second} +0000`,
      GIT_COMMITTER_DATE: `${this.#second} +0000`,
    };
    const done = spawnSync("git", ["-C", this.path, ...args], { env, encoding: "utf8" });
    return { code: done.status ?? 1, text: done.stdout.trim() };
  }
}
