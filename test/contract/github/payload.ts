/** Webhooks as GitHub sends them: examples that were recorded, and what is made of them where there is none. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, type Json, type JsonObject } from "./json.ts";

function recorded(name: string): JsonObject {
  const path = join(import.meta.dirname, "payloads", `${name}.json`);
  const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!isObject(parsed)) throw new Error(`${path} is no object`);
  return parsed;
}

/** The payload with one value replaced, or taken out (`undefined`). */
export function withChange(
  payload: JsonObject,
  [name = "", ...rest]: readonly string[],
  value: Json | undefined,
): JsonObject {
  const inner = payload[name];
  if (rest.length > 0) {
    return { ...payload, [name]: withChange(isObject(inner) ? inner : {}, rest, value) };
  }
  const { [name]: _, ...others } = payload;
  return value === undefined ? others : { ...others, [name]: value };
}

const URL = "https://api.github.com/repos/Codertocat/Hello-World/pulls/1";
/** As GitHub's description has it of an issue that is a pull request. */
const UNDER_PULL = { url: URL, html_url: URL, diff_url: URL, patch_url: URL, merged_at: null };

const comment = recorded("issue-comment-created");
const command = withChange(
  withChange(comment, ["issue", "pull_request"], UNDER_PULL),
  ["comment", "body"],
  "/fettle approve",
);
const review = recorded("pull-request-review-submitted");
const closed = recorded("pull-request-closed");
const { repository = null } = comment;

export const PAYLOADS = {
  comment,
  command,
  "edited comment": withChange(
    recorded("issue-comment-edited"),
    ["issue", "pull_request"],
    UNDER_PULL,
  ),
  "deleted comment": withChange(command, ["action"], "deleted"),
  review,
  "approving review": withChange(review, ["review", "state"], "approved"),
  "review that asks for changes": withChange(review, ["review", "state"], "changes_requested"),
  "dismissed review": recorded("pull-request-review-dismissed"),
  "closed pull request": closed,
  "merged pull request": withChange(closed, ["pull_request", "merged"], true),
  "opened pull request": withChange(closed, ["action"], "opened"),
  push: recorded("push"),
  "workflow dispatch": recorded("workflow-dispatch"),
  "repository dispatch": recorded("repository-dispatch"),
  schedule: { schedule: "17 */2 * * *", repository },
} as const satisfies Readonly<Record<string, JsonObject>>;
