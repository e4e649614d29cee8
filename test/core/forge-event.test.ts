import { expect, test } from "vitest";
import { forgeEvent } from "#runner/core/forge/forge-event.ts";
import { PAYLOADS, withChange } from "../contract/github/payload.ts";
import type { Json, JsonObject } from "../contract/github/json.ts";

const OTHER = "such an event asks for nothing by itself: fettle reconcile looks at what there is";

test.each<[keyof typeof PAYLOADS, string]>([
  ["command", "asks"],
  ["approving review", "asks"],
  ["review that asks for changes", "asks"],
  ["comment", "the comment does not stand under a pull request"],
  ["edited comment", "only a new comment asks for anything"],
  ["deleted comment", "only a new comment asks for anything"],
  ["review", "the review only remarks: it approves nothing and asks for no changes"],
  ["dismissed review", "only a new review asks for anything"],
  ["closed pull request", OTHER],
  ["merged pull request", OTHER],
  ["opened pull request", OTHER],
  ["push", OTHER],
  ["workflow dispatch", OTHER],
  ["repository dispatch", OTHER],
  ["schedule", OTHER],
])("Of GitHub's payload of a %s it is told: %s", (name, expected) => {
  const event = forgeEvent(PAYLOADS[name]);

  expect(event.kind === "asks" ? event.kind : [event.kind, event.why]).toEqual(
    expected === "asks" ? expected : ["none", expected],
  );
});

const BOT = { login: "renovate[bot]", type: "Bot" };

test.each<[string, JsonObject]>([
  ["comment", withChange(PAYLOADS.command, ["comment", "user"], BOT)],
  ["comment of an account that is gone", withChange(PAYLOADS.command, ["comment", "user"], null)],
  ["quotation", withChange(PAYLOADS.command, ["comment", "body"], "> /fettle approve")],
  ["remark", withChange(PAYLOADS.command, ["comment", "body"], "Me too")],
  ["review", withChange(PAYLOADS["approving review"], ["review", "user"], BOT)],
])("A %s that nobody stands behind as a command asks for nothing.", (_, payload) => {
  expect(forgeEvent(payload).kind).toBe("none");
});

const { command } = PAYLOADS;
const approval = PAYLOADS["approving review"];

test.each<[string, JsonObject, readonly string[], Json | undefined]>([
  ["action is no text", command, ["action"], undefined],
  ["action is no text", command, ["action"], 1],
  ["issue.number is no number", command, ["issue"], []],
  ["issue.number is no number", command, ["issue", "number"], "1"],
  ["comment.body is no text", command, ["comment", "body"], undefined],
  ["comment.body is no text", command, ["comment", "body"], { text: "/fettle approve" }],
  ["comment.body is no text", command, ["comment", "body"], null],
  ["comment.user.login is no text", command, ["comment", "user"], undefined],
  ["comment.user.type is no text", command, ["comment", "user", "type"], true],
  ["action is no text", approval, ["action"], null],
  ["pull_request.number is no number", approval, ["pull_request"], null],
  ["review.state is no text", approval, ["review", "state"], undefined],
  ["review.user.login is no text", approval, ["review", "user", "login"], undefined],
])("A mangled payload is refused: %s.", (why, payload, path, value) => {
  expect(forgeEvent(withChange(payload, path, value))).toEqual({ kind: "broken", why });
});

test.each<[unknown]>([[null], [[]], ["text"], [{}], [{ comment: {} }], [{ action: "created" }]])(
  "%j is no event of GitHub.",
  (value) => {
    expect(forgeEvent(value)).toEqual({
      kind: "broken",
      why: "it is none of GitHub's events that workflows start with",
    });
  },
);
