import { expect, test } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository } from "../support/git-repo.ts";
import { type Play, Rehearsal } from "../support/rehearsal.ts";

const TEXT = { type: "string", minLength: 1 };
const CITES = { type: "array", items: { type: "string" } };

/** What is decided about a client in one pipeline is told to the writer of another. */
const STUDIO = {
  ...settings(),
  ...project("shop"),
  ...agent("host", { memory: { writes: ["fact"] } }),
  ...agent("writer", {
    memory: { recall: "letters tone", subject: "client/acme" },
    outputs: {
      type: "object",
      required: ["text", "cites"],
      properties: { text: TEXT, cites: CITES },
    },
  }),
  ...agent("sender"),
  ...pipeline("shop/meet", [{ id: "talk", agent: "host" }]),
  ...pipeline("shop/write", [
    { id: "draft", agent: "writer" },
    {
      id: "review",
      gate: "Send the letter",
      ask: "always",
      show: { letter: "${{ steps.draft.outputs }}" },
    },
    { id: "send", agent: "sender", with: { letter: "${{ steps.review.approved.letter }}" } },
  ]),
};

const TONE = {
  kind: "fact",
  subject: "client/acme",
  attribute: "tone",
  text: "Acme wants letters in a formal tone.",
};

/** Writes what it is told, cites that, and something that it was never told. */
const WRITER: Play = ({ memory }) => ({
  outputs: {
    text: `Letter: ${memory.map(({ text }) => text).join(" ")}`,
    cites: [...memory.map(({ id }) => id), "mem_made_up"],
  },
});

/** Three runs: the first says it. */
async function decided(studio: Rehearsal): Promise<{ readonly id: string; readonly run: string }> {
  for (let runs = 0; runs < 3; runs += 1) {
    await studio.request("shop/meet");
    await studio.tick();
  }
  const [first] = studio.closedRuns();
  const [id] = first?.attempts[0]?.memory.admitted ?? [];
  if (first === undefined || id === undefined) throw new Error("nothing was remembered");
  return { id, run: first.run.id };
}

function textOf(studio: Rehearsal, path: string, branch = "main"): string {
  const text = studio.text(path, branch);
  if (text === undefined) throw new Error(`${branch} has no ${path}`);
  return text;
}

test("What was decided three runs ago is recalled in a fresh clone, cited at the gate, followed to its run, corrected in the editor, and the next draft changes.", async () => {
  const operator = makeRepository();
  const said: object[] = [TONE];
  const plays = { host: () => ({ memory: said.splice(0) }), writer: WRITER, sender: () => ({}) };
  const studio = new Rehearsal({ files: STUDIO, plays, operator });
  const origin = addOrigin(operator);
  const { id, run } = await decided(studio);

  const fresh = new Rehearsal({ files: {}, plays, operator: cloneOf(origin) });
  await fresh.request("shop/write");
  await fresh.tick();

  const gate = await fresh.gate();
  const decision = textOf(fresh, `${gate.folder}/decision.md`, gate.branch);
  expect(decision).toContain("Acme wants letters in a formal tone.");
  expect(decision).toContain(`\`${id}\`, cited by \`draft\``);
  expect(decision).toContain(`written by \`${run}/talk\``);
  expect(decision).toContain("**`draft` cites what it was not given**: `mem_made_up`");
  const [path = ""] = /memory\/shop\/fact\/[^`]+\.md/u.exec(decision) ?? [];
  const record = textOf(fresh, path);
  expect(record).toContain(id);
  expect(record).toContain(run);

  fresh.operator.commit({ [path]: record.replace("a formal tone", "an easy tone") });
  fresh.operator.git("push", "--quiet", "origin", "main");
  await fresh.reject(gate.id, "not formal any more");
  await fresh.tick();
  await fresh.request("shop/write");
  await fresh.tick();

  expect(fresh.calls.at(-1)?.memory.map(({ text }) => text)).toEqual([
    "Acme wants letters in an easy tone.",
  ]);
  const next = await fresh.gate();
  expect(textOf(fresh, `${next.folder}/letter.yaml`, next.branch)).toContain("easy tone");
  expect((await fresh.verify()).findings).toEqual([]);
});
