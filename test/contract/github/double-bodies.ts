/** Bodies of the double: GitHub's own examples, with what it knows in their place. */
import { isObject, textOf, type Json, type JsonObject } from "./json.ts";
import type { Account, Comment, DoubleState, Issue, Pull, Review } from "./double-state.ts";
import type { Referee } from "./referee.ts";

export class Bodies {
  readonly #referee: Referee;
  readonly #state: DoubleState;
  readonly #repository: string;
  /** GitHub computes in the background whether a pull request can be merged: null until then. */
  isMergeableKnown = true;

  constructor(referee: Referee, state: DoubleState, repository: string) {
    this.#referee = referee;
    this.#state = state;
    this.#repository = repository;
  }

  pull(pull: Pull): JsonObject {
    const whole = this.#example("pulls/get", "200");
    const isMerged = pull.mergedBy !== null;
    const mergeable = pull.state === "open" ? this.#state.mergedTree(pull) !== null : null;
    const known = this.isMergeableKnown ? mergeable : null;
    return {
      ...whole,
      ...this.#simple(pull, whole),
      merged: isMerged,
      merged_by: pull.mergedBy === null ? null : this.user(pull.mergedBy),
      mergeable: known,
      mergeable_state: known === null ? "unknown" : known ? "clean" : "dirty",
      rebaseable: known,
      comments: this.#state.comments.filter(({ number }) => number === pull.number).length,
    };
  }

  /** As in a list: without what takes a look at git. */
  listed(pull: Pull): JsonObject {
    const [whole] = this.#examples("pulls/list", "200");
    return { ...whole, ...this.#simple(pull, whole ?? {}) };
  }

  #simple(pull: Pull, whole: JsonObject): JsonObject {
    const { number, title, body, state, branch, base, head } = pull;
    const end = (key: string, ref: string, sha: string): Json => ({
      ...part(whole, key),
      label: `${this.#owner()}:${ref}`,
      ref,
      sha,
      repo: this.repository(part(part(whole, key), "repo")),
    });
    return {
      id: 1000 + number,
      number,
      title,
      body,
      state,
      locked: false,
      active_lock_reason: null,
      html_url: `https://github.example/${this.#repository}/pull/${number}`,
      user: this.user(pull.by),
      labels: this.labels(pull.labels),
      created_at: pull.createdAt,
      updated_at: pull.updatedAt,
      closed_at: pull.closedAt,
      merged_at: pull.mergedBy === null ? null : pull.closedAt,
      // Gone with the next version of the API, and no fact of a merge before it.
      merge_commit_sha: null,
      assignee: null,
      assignees: [],
      // GitHub's own example lacks what its description requires of a team.
      requested_teams: [],
      requested_reviewers: [],
      milestone: null,
      draft: pull.draft,
      head: end("head", branch, head),
      base: end("base", base, this.#state.head(base) ?? head),
    };
  }

  repository(example: JsonObject = this.#example("repos/get", "200")): JsonObject {
    // GitHub's own example lacks what its description requires.
    const language = { language: null };
    const source = isObject(example["source"])
      ? { source: { ...example["source"], ...language } }
      : {};
    return {
      ...example,
      ...language,
      ...source,
      name: this.#repository.split("/")[1] ?? "",
      full_name: this.#repository,
      private: true,
      default_branch: "main",
    };
  }

  issue(issue: Issue): JsonObject {
    const { number, title, body, state, labels, by, createdAt, updatedAt } = issue;
    const { pull_request: _, closed_by: __, ...example } = this.#example("issues/get", "200");
    return {
      ...example,
      number,
      title,
      body,
      state,
      labels: this.labels(labels),
      user: this.user(by),
      created_at: createdAt,
      updated_at: updatedAt,
      closed_at: state === "closed" ? updatedAt : null,
      closed_by: null,
    };
  }

  /** A pull request as the issue that it is, too. */
  pullIssue(pull: Pull): JsonObject {
    const example = this.#example("issues/get", "200");
    const { number, title, body, state, labels, by, createdAt, updatedAt } = pull;
    const issue = this.issue({ number, title, body, state, labels, by, createdAt, updatedAt });
    return {
      ...issue,
      pull_request: example["pull_request"] ?? null,
      closed_by: pull.closedBy === null ? null : this.user(pull.closedBy),
    };
  }

  comment({ id, body, by, createdAt, updatedAt, number }: Comment): JsonObject {
    const [example] = this.#examples("issues/list-comments", "200");
    return {
      ...example,
      id,
      body,
      user: this.user(by),
      created_at: createdAt,
      updated_at: updatedAt,
      issue_url: `https://api.github.example/repos/${this.#repository}/issues/${number}`,
    };
  }

  review({ id, by, state, body, commit, at }: Review): JsonObject {
    const [example] = this.#examples("pulls/list-reviews", "200");
    return {
      ...example,
      id,
      user: this.user(by),
      state,
      body,
      commit_id: commit,
      submitted_at: at,
    };
  }

  permission(account: Account): JsonObject {
    const { permission } = account;
    const example = this.#example("repos/get-collaborator-permission-level", "200");
    const user = { ...this.user(account), permissions: RIGHTS[permission], role_name: permission };
    return { ...example, permission, role_name: permission, user };
  }

  status(sha: string, body: JsonObject, by: Account): JsonObject {
    const { state = "", context = "default", description = null, target_url = null } = body;
    const example = this.#example("repos/create-commit-status", "201");
    return {
      ...example,
      url: `https://api.github.example/statuses/${sha}`,
      state,
      context,
      description,
      target_url,
      creator: this.user(by),
    };
  }

  /** The last word of each context. */
  combined(ref: string): JsonObject {
    const said = this.#state.statuses.filter(({ sha }) => sha === ref);
    const last = new Map(said.map(({ status }) => [textOf(status["context"]), status]));
    const example = this.#example("repos/get-combined-status-for-ref", "200");
    const repository = {
      ...part(example, "repository"),
      name: this.#repository.split("/")[1] ?? "",
      full_name: this.#repository,
      html_url: `https://github.example/${this.#repository}`,
    };
    const statuses = [...last.values()];
    return { ...example, sha: ref, statuses, total_count: statuses.length, repository };
  }

  labels(names: readonly string[]): Json {
    return names.map((name) => this.#label(name));
  }

  user({ login, type }: Account): JsonObject {
    return { ...part(this.#example("pulls/get", "200"), "user"), login, type };
  }

  me({ login, type }: Account): JsonObject {
    return { ...this.#example("users/get-authenticated", "200"), login, type };
  }

  #label(name: string): JsonObject {
    const [example] = this.#examples("issues/add-labels", "200");
    return { ...example, name };
  }

  #owner(): string {
    return this.#repository.split("/")[0] ?? "";
  }

  #example(operation: string, status: string): JsonObject {
    const example = this.#referee.example(operation, status);
    return isObject(example) ? example : {};
  }

  #examples(operation: string, status: string): readonly JsonObject[] {
    const example = this.#referee.example(operation, status);
    return Array.isArray(example) ? example.filter(isObject) : [];
  }
}

export const RIGHTS: Readonly<Record<Account["permission"], JsonObject>> = {
  admin: { pull: true, triage: true, push: true, maintain: true, admin: true },
  write: { pull: true, triage: true, push: true, maintain: false, admin: false },
  read: { pull: true, triage: false, push: false, maintain: false, admin: false },
  none: { pull: false, triage: false, push: false, maintain: false, admin: false },
};

function part(whole: JsonObject, key: string): JsonObject {
  const found = whole[key];
  return isObject(found) ? found : {};
}
