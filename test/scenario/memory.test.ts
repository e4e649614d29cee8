import { expect, test } from "vitest";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";
import { agent, noteCompany, pipeline, project } from "../support/company.ts";
import { type Play, Rehearsal } from "../support/rehearsal.ts";

const TONE = {
  kind: "fact",
  subject: "client/acme",
  text: "Acme prefers a formal tone in letters.",
};

/** `shop/learn` remembers what it is told to; `shop/use` recalls what is known of Acme's tone. */
function school(learner: Play): Rehearsal {
  const files = {
    ...noteCompany(),
    ...agent("learner", { memory: { writes: ["fact"] } }),
    ...agent("user", { memory: { recall: "formal tone letters", subject: "client/acme" } }),
    ...pipeline("shop/learn", [{ id: "learn", agent: "learner" }]),
    ...pipeline("shop/use", [{ id: "use", agent: "user" }]),
  };
  return new Rehearsal({ files, plays: { learner, user: () => ({}) } });
}

function byHand(text: string, kind = "fact"): string {
  return `---\nkind: ${kind}\nsubject: client/acme\n---\n\n${text}\n`;
}

async function done(shop: Rehearsal, name: string): Promise<AttemptRecord | undefined> {
  await shop.request(`shop/${name}`);
  await shop.tick();
  return shop.closedRuns().at(-1)?.attempts[0];
}

function recalled({ calls }: Rehearsal): readonly string[] {
  return calls.at(-1)?.memory.map(({ text }) => text.trim()) ?? [];
}

function records({ operator }: Rehearsal): string {
  return operator.git("ls-tree", "-r", "--name-only", "main", "memory/");
}

test("What one run remembers is delivered, and the next run recalls and cites it.", async () => {
  const shop = school(() => ({ memory: [TONE] }));
  const learned = await done(shop, "learn");
  const [id = ""] = learned?.memory.admitted ?? [];
  expect(records(shop)).toMatch(/^memory\/shop\/fact\/2026-03\/.+\.md$/);

  const used = await done(shop, "use");

  expect(recalled(shop)).toEqual([TONE.text]);
  expect(used?.memory.recalled).toMatchObject([{ id }]);
});

test("What is remembered is recalled before it is delivered, too.", async () => {
  const shop = school(() => ({ memory: [TONE] }));
  await shop.request("shop/learn");
  shop.operator.write({ "memory/shop/fact/2026-03": "a file where the folder should be\n" });
  await shop.tick();
  expect(records(shop)).toBe("");

  await done(shop, "use");

  expect(recalled(shop)).toEqual([TONE.text]);
});

test("The same thing is not remembered twice.", async () => {
  const shop = school(() => ({ memory: [TONE] }));
  await done(shop, "learn");

  const again = await done(shop, "learn");

  expect(again?.memory.admitted).toEqual([]);
  expect(again?.memory.refused).toHaveLength(1);
  expect(records(shop).split("\n")).toHaveLength(1);
});

test("Two items of one step that remember the same thing at once leave it once.", async () => {
  const shop = school(() => ({ memory: [TONE] }));
  const items = { forEach: '${{ ["one", "two"] }}', itemKey: "${{ item }}" };
  shop.operator.commit(pipeline("shop/learn", [{ id: "learn", agent: "learner", ...items }]));

  await done(shop, "learn");

  const admitted = shop.closedRuns()[0]?.attempts.map(({ memory }) => memory.admitted.length);
  expect(admitted?.toSorted()).toEqual([0, 1]);
  expect(records(shop).split("\n")).toHaveLength(1);
});

test("A secret is never remembered, and the record says that something was refused.", async () => {
  const key = `sk-ant-api03-${"a1B2c3D4e5".repeat(9)}AA`;
  const shop = school(() => ({ memory: [{ ...TONE, text: `The key is ${key}` }] }));

  const learned = await done(shop, "learn");

  expect(learned?.memory).toMatchObject({ admitted: [], refused: [{}] });
  expect(records(shop)).toBe("");
  const objects = shop.operator.git("cat-file", "--batch-all-objects", "--batch", "--unordered");
  expect(objects).not.toContain(key);
});

test("A record that a person writes by hand is recalled, and an edit of it is the newer truth.", async () => {
  const shop = school(() => ({}));
  const path = "memory/shop/fact/2026-03/acme.md";
  shop.operator.commit({ [path]: byHand("A formal tone in letters.") });
  await done(shop, "use");
  expect(recalled(shop)).toEqual(["A formal tone in letters."]);

  shop.operator.commit({ [path]: byHand("No formal tone in letters.") });
  await done(shop, "use");

  expect(recalled(shop)).toEqual(["No formal tone in letters."]);
});

const NO_FEES = { kind: "decision", subject: "client/acme", text: "No late fees for Acme." };

/** `shop/learn` may write anything; its agent is `learner`. */
function council(learner: Play, more: object = {}): Rehearsal {
  const shop = school(learner);
  shop.operator.commit(
    agent("learner", { memory: { writes: ["fact", "decision", "template"] }, ...more }),
  );
  return shop;
}

test("A decision waits at one gate until an operator merges it, and is recalled only then; the run that made it ends.", async () => {
  const shop = council(() => ({ memory: [TONE, NO_FEES] }));
  const learned = await done(shop, "learn");
  const [proposed = ""] = learned?.memory.proposed ?? [];
  expect(learned?.memory.admitted).toHaveLength(2);
  expect(shop.closedRuns().map(({ run, result }) => [run.pipeline, result])).toEqual([
    ["learn", "succeeded"],
  ]);
  expect(records(shop).split("\n")).toHaveLength(1);
  const gate = await shop.gate();
  const decision = shop.text(`${gate.folder}/decision.md`, gate.branch);
  expect(decision).toContain("No late fees for Acme");
  expect(decision).toContain("it is a decision");
  await done(shop, "use");
  expect(recalled(shop)).toEqual([TONE.text]);

  shop.operator.git("merge", "--no-ff", "--quiet", "--message", "Yes", gate.branch);
  await shop.tick();
  await done(shop, "use");

  expect(recalled(shop)).toContain(NO_FEES.text);
  expect(shop.calls.at(-1)?.memory.some(({ id }) => id === proposed)).toBe(true);
  const again = await shop.tick();
  expect(again.booked).toBe(0);
  expect((await shop.verify()).findings).toEqual([]);
});

test("A decision that an operator rejects is neither kept nor asked for again.", async () => {
  const shop = council(() => ({ memory: [NO_FEES] }));
  await done(shop, "learn");
  await shop.reject((await shop.gate()).id, "we do charge");
  await shop.tick();

  const again = await done(shop, "learn");

  expect(again?.memory.refused).toEqual([
    { subject: "client/acme", reason: "an operator did not want it remembered" },
  ]);
  expect((await shop.look()).observed.gates.size).toBe(0);
  expect(records(shop)).not.toContain("/decision/2026");
  expect((await shop.verify()).findings).toEqual([]);
});

test("While one gate shows what is proposed, the same is not proposed again, and other records wait for the next gate.", async () => {
  const texts = [NO_FEES.text, NO_FEES.text, "No calls on Mondays."];
  const shop = council(() => ({ memory: [{ ...NO_FEES, text: texts.shift() ?? "" }] }));
  await done(shop, "learn");
  const first = await shop.gate();

  const same = await done(shop, "learn");
  const other = await done(shop, "learn");
  shop.operator.git("merge", "--no-ff", "--quiet", "--message", "Yes", first.branch);
  await shop.tick();

  expect(same?.memory.refused[0]?.reason).toContain("waits for an operator");
  expect(other?.memory.proposed).toHaveLength(1);
  const second = await shop.gate();
  expect(second.id).not.toBe(first.id);
  expect(second.deliverables).toHaveLength(1);
});

test("What was made from outside text waits for an operator, and so does what is made of it later.", async () => {
  const shop = council(() => ({ memory: [TONE] }), { network: ["example.com:443"] });
  const learned = await done(shop, "learn");
  expect(learned?.memory.proposed).toHaveLength(1);
  const gate = await shop.gate();
  expect(gate.deliverables.map(({ path }) => shop.text(path, gate.branch))[0]).toContain(
    "trust: external",
  );
  shop.operator.git("merge", "--no-ff", "--quiet", "--message", "Yes", gate.branch);
  shop.operator.commit(
    agent("user", {
      memory: { recall: "formal tone letters", subject: "client/acme", writes: ["fact"] },
    }),
  );
  shop.plays["user"] = () => ({ memory: [{ ...TONE, text: "Acme signs with a seal." }] });

  const used = await done(shop, "use");

  expect(recalled(shop)).toEqual([TONE.text]);
  expect(used?.memory.proposed).toHaveLength(1);
});

function tombstone(what: string): string {
  return `${what}\nat: 2026-03-01T00:00:00.000Z\nby: ada@northwind.example\nreason: asked to\n`;
}

test("What main says was forgotten is neither told nor remembered again; outside text that an earlier step gathered is not trusted.", async () => {
  const shop = council(() => ({ memory: [TONE, { ...TONE, subject: "client/bo" }] }));
  const id = "mem_0123456789abcdef";
  shop.operator.commit({
    ...agent("reader", { network: ["example.com:443"] }),
    ...pipeline("shop/learn", [
      { id: "read", agent: "reader" },
      { id: "learn", agent: "learner", needs: ["read"] },
    ]),
    "memory/tombstones/subject-client-acme.yaml": tombstone("subject: client/acme"),
    [`memory/tombstones/${id}.yaml`]: tombstone(`id: ${id}`),
    "memory/shop/fact/2026-03/again.md": `---\nid: ${id}\nkind: fact\nsubject: client/acme\n---\nA formal tone.\n`,
  });
  shop.plays["reader"] = () => ({});
  await shop.request("shop/learn");
  await shop.tick();

  const learned = shop.closedRuns()[0]?.attempts.find(({ step }) => step === "learn");
  expect(learned?.memory.refused).toEqual([
    { subject: "client/acme", reason: "all about client/acme was forgotten" },
  ]);
  expect(learned?.memory.proposed).toHaveLength(1);
  await done(shop, "use");
  expect(recalled(shop)).toEqual([]);
});

test("Templates and heuristics of another project are recalled where the agent asks for them, its facts never.", async () => {
  const shop = school(() => ({}));
  shop.operator.commit({
    ...project("branch"),
    "memory/branch/heuristic/a.md": byHand("A formal tone works in letters.", "heuristic"),
    "memory/branch/fact/b.md": byHand("A formal tone, in letters of the branch.", "fact"),
    "memory/org/fact/c.md": byHand("Letters in a formal tone go to everybody.", "fact"),
  });
  await done(shop, "use");
  expect(recalled(shop)).toEqual(["Letters in a formal tone go to everybody."]);

  const memory = { recall: "formal tone letters", subject: "client/acme", namespaces: ["branch"] };
  shop.operator.commit(agent("user", { memory }));
  await done(shop, "use");

  expect(recalled(shop).toSorted()).toEqual([
    "A formal tone works in letters.",
    "Letters in a formal tone go to everybody.",
  ]);
});

test("A run whose pipeline says so leaves one file of what its agents gave as reasons, which is recalled line by line.", async () => {
  const shop = school(() => ({ rationale: "Their last letter had a formal tone." }));
  const steps = [
    { id: "learn", agent: "learner" },
    { id: "again", agent: "learner", needs: ["learn"] },
  ];
  shop.operator.commit(pipeline("shop/learn", steps, { memory: { episodes: true } }));
  await done(shop, "learn");
  const [run = ""] = shop.closedRuns().map((closed) => closed.run.id);
  const path = `memory/shop/episode/2026/03/${run}.jsonl`;
  expect(records(shop)).toBe(path);
  const lines = shop.operator.git("show", `main:${path}`).split("\n");
  expect(lines.map((line) => Reflect.get(JSON.parse(line), "seq"))).toEqual([1, 2]);
  expect(lines[0]).toContain('"step":"learn"');

  const used = await done(shop, "use");

  // Both lines read the same: whoever recalls is told it once.
  expect(used?.memory.recalled.map(({ id }) => id)).toEqual([
    expect.stringMatching(new RegExp(`^${run}#[12]$`, "u")),
  ]);
  expect((await shop.tick()).booked).toBe(0);
  expect((await shop.verify()).findings).toEqual([]);
});

test("Without a word of the pipeline or the project a run tells nothing of itself; the pipeline's word counts first.", async () => {
  const shop = school(() => ({ rationale: "They asked." }));
  await done(shop, "learn");
  expect(records(shop)).toBe("");

  shop.operator.commit(project("shop", { memory: { episodes: true } }));
  await done(shop, "learn");
  expect(records(shop)).toMatch(/\.jsonl$/u);

  shop.operator.commit(
    pipeline("shop/learn", [{ id: "learn", agent: "learner" }], { memory: { episodes: false } }),
  );
  await done(shop, "learn");
  expect(records(shop).split("\n")).toHaveLength(1);
});

test("A kind of record that the agent may not write is refused.", async () => {
  const shop = school(() => ({ memory: [{ ...TONE, kind: "decision" }] }));

  const learned = await done(shop, "learn");

  expect(learned?.memory).toMatchObject({ admitted: [], refused: [{}] });
});
