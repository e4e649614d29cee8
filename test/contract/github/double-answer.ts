/** Parts that the answers of the double are made of. */
import type { Bodies } from "./double-bodies.ts";
import type { Account, DoubleState, Pull } from "./double-state.ts";
import { textOf, type Json, type JsonObject } from "./json.ts";
import type { Referee } from "./referee.ts";

/** What an answer may depend on. */
export interface Played {
  readonly api: string;
  readonly state: DoubleState;
  readonly bodies: Bodies;
  readonly referee: Referee;
  readonly areListsShuffled: boolean;
  readonly rules: readonly JsonObject[];
  readonly actions: JsonObject;
  readonly workflow: JsonObject;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly body: Json | undefined;
  readonly by: Account;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Json | undefined;
}

export interface Asked {
  readonly double: Played;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  readonly by: Account;
}

export function pullOf({
  double,
  parameters,
}: Pick<Asked, "double" | "parameters">): Pull | undefined {
  const number = Number(parameters["pull_number"] ?? parameters["issue_number"]);
  return double.state.pulls.find((pull) => pull.number === number);
}

export function withPull(
  asked: Pick<Asked, "double" | "parameters">,
  answer: (pull: Pull) => Answer,
): Answer {
  const pull = pullOf(asked);
  return pull === undefined ? notFound() : answer(pull);
}

export function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(textOf) : [];
}

export function ok(body: Json): Answer {
  return { status: 200, body };
}

export function notFound(): Answer {
  return failure(404, "Not Found");
}

export function failure(status: number, message: string): Answer {
  return { status, body: { message, documentation_url: "https://docs.github.com/rest" } };
}

export function invalid(error: JsonObject): Answer {
  return {
    status: 422,
    body: {
      message: "Validation Failed",
      errors: [error],
      documentation_url: "https://docs.github.com/rest",
    },
  };
}
