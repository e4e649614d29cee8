import { expect, test } from "vitest";
import { commentEvent } from "#runner/core/comment-event.ts";

/** Made from the example of a comment in GitHub's OpenAPI description, in the frame of the webhook. */
function event(more: object = {}, comment: object = {}): object {
  const user = { login: "octocat", id: 1, type: "User", site_admin: false };
  const issue = {
    number: 1347,
    title: "Found a bug",
    pull_request: { url: "https://api.github.com/pulls/1347" },
  };
  return {
    action: "created",
    issue,
    comment: {
      id: 1,
      body: "/fettle approve",
      user,
      author_association: "COLLABORATOR",
      ...comment,
    },
    sender: user,
    ...more,
  };
}

test("A new command of a person under a pull request is one.", () => {
  expect(commentEvent(event())).toEqual({ kind: "command" });
});

test.each<[string, unknown]>([
  ["an edit", event({ action: "edited" })],
  ["a deletion", event({ action: "deleted" })],
  ["a comment under an issue", event({ issue: { number: 1, title: "Bug" } })],
  ["a comment that is no command", event({}, { body: "Me too" })],
  ["a quotation", event({}, { body: "> /fettle approve" })],
  ["a comment without a text", event({}, { body: null })],
  ["a bot's comment", event({}, { user: { login: "renovate[bot]", type: "Bot" } })],
  ["a comment of an account that is gone", event({}, { user: null })],
  ["another event", { action: "opened", pull_request: {} }],
  ["nothing", null],
  ["a list", []],
])("%s asks for nothing", (_, given) => {
  expect(commentEvent(given).kind).toBe("none");
});
