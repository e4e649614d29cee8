/** Whether what woke the runner may be a command: GitHub's `issue_comment`. What it says is asked of GitHub again. */
import { commandIn } from "./comment-command.ts";

export type CommentEvent =
  | { readonly kind: "command" }
  | { readonly kind: "none"; readonly why: string };

export function commentEvent(event: unknown): CommentEvent {
  if (fieldOf(event, "action") !== "created") return none("only a new comment asks for anything");
  if (typeof fieldOf(fieldOf(event, "issue"), "pull_request") !== "object") {
    return none("the comment does not stand under a pull request");
  }
  const comment = fieldOf(event, "comment");
  const body = fieldOf(comment, "body");
  if (typeof body !== "string" || commandIn(body) === undefined) {
    return none("the comment asks for nothing: a command is its first line, /fettle approve");
  }
  const author = fieldOf(fieldOf(comment, "user"), "type");
  return author === "User" ? { kind: "command" } : none("a bot asks for nothing");
}

function none(why: string): CommentEvent {
  return { kind: "none", why };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
