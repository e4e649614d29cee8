/** Whether what woke the runner may ask for something: GitHub's `issue_comment` and `pull_request_review`. What it says is asked of GitHub again. */
import { commandIn } from "./comment-command.ts";

/** `broken`: GitHub sends no such thing. */
export type ForgeEvent =
  | { readonly kind: "asks" }
  | { readonly kind: "none" | "broken"; readonly why: string };

/** Webhooks are told apart by what they hold: a payload does not name its event. */
export function forgeEvent(event: unknown): ForgeEvent {
  if (has(event, "comment") && has(event, "issue")) return commentEvent(event);
  if (has(event, "review") && has(event, "pull_request")) return reviewEvent(event);
  return OTHERS.some((names) => names.every((name) => has(event, name)))
    ? none("such an event asks for nothing by itself: fettle reconcile looks at what there is")
    : broken("it is none of GitHub's events that workflows start with");
}

/** What only they hold: of pull requests, pushes, schedules, and both dispatches. */
const OTHERS = [
  ["action", "pull_request"],
  ["ref", "after", "commits"],
  ["schedule"],
  ["workflow", "ref", "inputs"],
  ["action", "client_payload"],
] as const;

function commentEvent(event: unknown): ForgeEvent {
  const problem =
    textProblem(event, ["action"]) ??
    numberProblem(event, ["issue", "number"]) ??
    textProblem(event, ["comment", "body"]) ??
    accountProblem(event, ["comment", "user"]);
  if (problem !== null) return broken(problem);
  if (at(event, ["action"]) !== "created") return none("only a new comment asks for anything");
  if (!isObject(at(event, ["issue", "pull_request"]))) {
    return none("the comment does not stand under a pull request");
  }
  const body = at(event, ["comment", "body"]);
  if (typeof body !== "string" || commandIn(body) === undefined) {
    return none("the comment asks for nothing: a command is its first line, /fettle approve");
  }
  return isPerson(at(event, ["comment", "user"])) ? ASKS : none("a bot asks for nothing");
}

const ANSWERS: readonly unknown[] = ["approved", "changes_requested"];

function reviewEvent(event: unknown): ForgeEvent {
  const problem =
    textProblem(event, ["action"]) ??
    numberProblem(event, ["pull_request", "number"]) ??
    textProblem(event, ["review", "state"]) ??
    accountProblem(event, ["review", "user"]);
  if (problem !== null) return broken(problem);
  if (at(event, ["action"]) !== "submitted") return none("only a new review asks for anything");
  if (!ANSWERS.includes(at(event, ["review", "state"]))) {
    return none("the review only remarks: it approves nothing and asks for no changes");
  }
  return isPerson(at(event, ["review", "user"])) ? ASKS : none("a bot asks for nothing");
}

const ASKS: ForgeEvent = { kind: "asks" };

function none(why: string): ForgeEvent {
  return { kind: "none", why };
}

function broken(why: string): ForgeEvent {
  return { kind: "broken", why };
}

function textProblem(event: unknown, path: Path): string | null {
  return typeof at(event, path) === "string" ? null : `${path.join(".")} is no text`;
}

function numberProblem(event: unknown, path: Path): string | null {
  return Number.isSafeInteger(at(event, path)) ? null : `${path.join(".")} is no number`;
}

/** null where the account is gone. */
function accountProblem(event: unknown, path: Path): string | null {
  if (at(event, path) === null) return null;
  return textProblem(event, [...path, "login"]) ?? textProblem(event, [...path, "type"]);
}

function isPerson(account: unknown): boolean {
  return at(account, ["type"]) === "User";
}

type Path = readonly string[];

function has(value: unknown, name: string): boolean {
  return isObject(value) && Object.hasOwn(value, name);
}

function at(value: unknown, path: Path): unknown {
  let found: unknown = value;
  for (const name of path) {
    found = isObject(found) ? Object.entries(found).find(([key]) => key === name)?.[1] : undefined;
  }
  return found;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
