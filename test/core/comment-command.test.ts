import { expect, test } from "vitest";
import { commandIn, type Command } from "#runner/core/forge/comment-command.ts";

const COMMIT = "0123abc".padEnd(40, "0");

function reject(reason: string): Extract<Command, { kind: "reject" }> {
  return { kind: "reject", reason, places: [], rest: reason };
}

test.each<[string, Command]>([
  ["/fettle approve", { kind: "approve", sha: null }],
  ["/fettle  approve  \r\nthank you", { kind: "approve", sha: null }],
  [`/fettle approve ${COMMIT}`, { kind: "approve", sha: COMMIT }],
  ["/fettle approve 0123abc", { kind: "unknown", word: "approve 0123abc" }],
  ["/fettle approve all", { kind: "approve", sha: null }],
  ["/fettle approve all but 3", { kind: "approve-but", except: [3] }],
  ["/fettle approve all but 5, 3,4 3", { kind: "approve-but", except: [3, 4, 5] }],
  ["/fettle approve all but", { kind: "unknown", word: "approve all but" }],
  ["/fettle approve all but three", { kind: "unknown", word: "approve all but three" }],
  ["/fettle approve all but 3;4", { kind: "unknown", word: "approve all but 3;4" }],
  ["/fettle reject", reject("")],
  ["/fettle reject too pushy, wait a week", reject("too pushy, wait a week")],
  ["/fettle reject 2", { ...reject("2"), places: [2], rest: "" }],
  [
    "/fettle reject 3, 2 too pushy",
    { ...reject("3, 2 too pushy"), places: [2, 3], rest: "too pushy" },
  ],
  ["/fettle reject 2nd thoughts", reject("2nd thoughts")],
  ["/fettle retry", { kind: "retry", run: null, from: null }],
  ["/fettle retry mail-k3f9q2m7x0aa", { kind: "retry", run: "mail-k3f9q2m7x0aa", from: null }],
  ["/fettle retry shop/mail --from draft", { kind: "retry", run: "shop/mail", from: "draft" }],
  ["/fettle retry --from draft", { kind: "retry", run: null, from: "draft" }],
  ["/fettle retry --upgrade", { kind: "unknown", word: "retry --upgrade" }],
  ["/fettle retry @everybody", { kind: "unknown", word: "retry @everybody" }],
  ["/fettle stop", { kind: "stop", what: null }],
  ["/fettle stop shop/mail", { kind: "stop", what: "shop/mail" }],
  ["/fettle stop $(id)", { kind: "unknown", word: "stop $(id)" }],
  ["/fettle start shop", { kind: "start", what: "shop" }],
  ["/fettle snooze 2d", { kind: "snooze", duration: "2d" }],
  ["/fettle snooze", { kind: "unknown", word: "snooze" }],
  ["/fettle snooze 2d;id", { kind: "unknown", word: "snooze 2d;id" }],
  ["/fettle explain", { kind: "explain" }],
  ["/fettle", { kind: "unknown", word: "" }],
  ["/fettle aprove", { kind: "unknown", word: "aprove" }],
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
