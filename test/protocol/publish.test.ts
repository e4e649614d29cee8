import { expect, test } from "vitest";
import type { PublishFact } from "#runner/protocol/publish.ts";
import { nextPublish, startPublish } from "#runner/protocol/publish.ts";

const moved: PublishFact = { kind: "pushed", outcome: "moved" };
const locked: PublishFact = { kind: "pushed", outcome: "locked" };
const unknown: PublishFact = { kind: "pushed", outcome: "unknown" };
const fetched: PublishFact = { kind: "fetched", isReachable: true };
const rebuilt: PublishFact = { kind: "rebuilt", outcome: "ready" };
const ok: PublishFact = { kind: "pushed", outcome: "ok" };

function commandsOf(facts: readonly PublishFact[]): string[] {
  let step = startPublish();
  const commands = [step.command];
  for (const fact of facts) {
    step = nextPublish(step, fact);
    commands.push(step.command);
  }
  return commands.map((command) =>
    command.kind === "stop" ? `stop ${command.reason}` : command.kind,
  );
}

const looked = (look: "landed" | "untouched" | "moved" | "unreachable"): PublishFact => ({
  kind: "looked",
  look,
});

test.each<[string, readonly PublishFact[], string]>([
  ["an accepted push settles", [ok], "push settle"],
  ["a lost race is rebuilt", [moved, fetched, rebuilt, ok], "push fetch rebuild push settle"],
  ["a refusal stops", [{ kind: "pushed", outcome: "refused" }], "push stop refused"],
  ["a lock at the origin is waited for", [locked, locked, ok], "push push push settle"],
  ["one that stays stops", [locked, locked, locked, locked], "push push push push stop locked"],
  [
    "one that comes and goes is no reason to stop",
    [locked, locked, moved, fetched, rebuilt, locked, locked, ok],
    "push push push fetch rebuild push push push settle",
  ],
  [
    "an origin that is read and answers no push is out of reach",
    Array.from({ length: 3 }, () => [unknown, looked("untouched")]).flat(),
    "push look push look push look stop unreachable",
  ],
  [
    "what it says in between counts",
    [unknown, looked("untouched"), unknown, looked("untouched"), moved, fetched, rebuilt].concat([
      unknown,
      looked("untouched"),
    ]),
    "push look push look push fetch rebuild push look push",
  ],
  ["an unknown push that landed settles", [unknown, looked("landed")], "push look settle"],
  ["one that did not is pushed again", [unknown, looked("untouched")], "push look push"],
  [
    "one that lost a race is rebuilt",
    [unknown, looked("moved"), fetched],
    "push look fetch rebuild",
  ],
  [
    "one nobody can ask about is uncertain",
    [unknown, looked("unreachable")],
    "push look stop uncertain",
  ],
  [
    "a fetch that fails stops",
    [moved, { kind: "fetched", isReachable: false }],
    "push fetch stop unreachable",
  ],
  [
    "nothing left to publish stops",
    [moved, fetched, { kind: "rebuilt", outcome: "nothing-left" }],
    "push fetch rebuild stop nothing-left",
  ],
  [
    "a state that lacks what it had accepted before is not pushed to",
    [moved, fetched, { kind: "rebuilt", outcome: "parted" }],
    "push fetch rebuild stop parted",
  ],
])("%s", (_, facts, commands) => {
  expect(commandsOf(facts).join(" ")).toBe(commands);
});

test("after eight pushes it is given up", () => {
  const rounds = Array.from({ length: 8 }, () => [moved, fetched, rebuilt]).flat();

  const commands = commandsOf(rounds);

  expect(commands.filter((command) => command === "push")).toHaveLength(8);
  expect(commands.at(-1)).toBe("stop contended");
});
