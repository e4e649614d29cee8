import { expect, test } from "vitest";
import { commandIn, type Command } from "#runner/core/comment-command.ts";

const COMMIT = "0123abc".padEnd(40, "0");

test.each<[string, Command]>([
  ["/fettle approve", { kind: "approve", sha: null }],
  ["/fettle  approve  \r\nthank you", { kind: "approve", sha: null }],
  [`/fettle approve ${COMMIT}`, { kind: "approve", sha: COMMIT }],
  ["/fettle approve 0123abc", { kind: "unknown", word: "approve 0123abc" }],
  ["/fettle reject", { kind: "reject", reason: "" }],
  ["/fettle reject too pushy, wait a week", { kind: "reject", reason: "too pushy, wait a week" }],
  ["/fettle explain", { kind: "explain" }],
  ["/fettle", { kind: "unknown", word: "" }],
  ["/fettle aprove", { kind: "unknown", word: "aprove" }],
  ["/fettle approve all", { kind: "unknown", word: "approve all" }],

  ["/fettle approve\u200b", { kind: "unknown", word: "approve\u200b" }],
  ["/fettle approve reject", { kind: "unknown", word: "approve reject" }],
])("%j is understood", (text, command) => {
  expect(commandIn(text)).toEqual(command);
});

test.each([
  "",
  "> /fettle approve",
  "    /fettle approve",
  "\t/fettle approve",
  "`/fettle approve`",
  "```\n/fettle approve\n```",
  "Please\n/fettle approve",
  "\n/fettle approve",
  "\u200b/fettle approve",
  "@fettle approve",
  "/fettleapprove",
  "/FETTLE approve",
  "/fettle\tapprove",
  "/fettle\u00a0approve",
  "<!-- fettle:ack -->\n/fettle approve",
  "/approve",
  "I would never write /fettle approve",
])("%j is just a comment", (text) => {
  expect(commandIn(text)).toBeUndefined();
});
