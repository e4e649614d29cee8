import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEvents } from "#runner/loop/events.ts";
import { agent, noteCompany, pipeline } from "../support/company.ts";
import {
  addOrigin,
  cloneOf,
  makeFolder,
  makeRepository,
  type FileTexts,
} from "../support/git-repo.ts";
import { interruptedWhen, killedWhen } from "../support/killed-process.ts";
import { made, type Play, Rehearsal } from "../support/rehearsal.ts";

const NOTE = "projects/shop/note.md";

/** Gets to page 3 and crashes, then goes on from where it is told to. */
const reading: Play = ({ checkpoints = new Map() }, _, save) => {
  const page = Number(checkpoints.get("page") ?? 0);
  if (page > 0) return made(NOTE, `read from page ${page}\n`);
  save?.(new Map([["page", 1]]));
  save?.(
    new Map<string, unknown>([
      ["page", 3],
      ["title", "A book"],
    ]),
  );
  return { outcome: "crashed", reason: "exit code 1", outputs: null };
};

function saved(shop: Rehearsal): string {
  return shop.operator.git("ls-tree", "-r", "--name-only", "fettle/state", "open/");
}

test("The next attempt is given what the one before had saved; done, nothing of it is left on the tip.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe: reading } });
  await shop.request("shop/note");

  await shop.tick();
  expect(saved(shop)).toMatch(/open\/note\..*\/write\.checkpoints\.json/);
  const events = await shop.read(({ store }) => readEvents(store, "2026-01-01"));
  expect(events.map(({ kind }) => kind)).toContain("step-checkpointed");
  expect((await shop.verify()).findings).toEqual([]);

  shop.pass("1h");
  await shop.tick();
  expect(shop.calls[1]?.checkpoints).toEqual(
    new Map<string, unknown>([
      ["page", 3],
      ["title", "A book"],
    ]),
  );
  expect(shop.text(NOTE)).toBe("read from page 3");
  expect(saved(shop)).toBe("");
  expect((await shop.verify()).findings).toEqual([]);
});

test("Another clone goes on from what was saved here.", async () => {
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  const origin = addOrigin(operator);
  const first = new Rehearsal({ files: {}, operator, plays: { scribe: reading } });
  await first.request("shop/note");
  await first.tick();

  const plays = { scribe: reading };
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays });
  second.pass("1h");
  await second.tick();

  expect(origin.git("show", `main:${NOTE}`)).toBe("read from page 3");
  expect((await second.verify()).findings).toEqual([]);
});

/** Crashes the first time; Ann's item saves her name. */
const crashing: Play = ({ item, attempt }, _, save) => {
  if (attempt > 1) return {};
  if (item === "ann") save?.(new Map([["name", item]]));
  return { outcome: "crashed", reason: "exit code 1", outputs: null };
};

test("An item gets what it has saved itself, and no other item does.", async () => {
  const people = ["ann", "bob"].map((name) => ({ name }));
  const steps = [
    { id: "find", agent: "finder" },
    {
      id: "write",
      agent: "scribe",
      forEach: "${{ steps.find.outputs.people }}",
      itemKey: "${{ item.name }}",
      with: { name: "${{ item.name }}" },
    },
  ];
  const files = { ...noteCompany(), ...agent("finder"), ...pipeline("shop/note", steps) };
  const shop = new Rehearsal({
    files,
    plays: { scribe: crashing, finder: () => ({ outputs: { people } }) },
  });
  await shop.request("shop/note");
  await shop.tick();

  shop.pass("1h");
  await shop.tick();

  const given = shop.calls
    .filter(({ attempt }) => attempt > 1)
    .map((call) => [call.item, call.checkpoints] as const);
  expect(new Map(given)).toEqual(
    new Map([
      ["ann", new Map([["name", "ann"]])],
      ["bob", new Map()],
    ]),
  );
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("A step that Ctrl-C cancels keeps what it has saved and counts as no attempt.", async () => {
  const stop = new AbortController();
  const shop = new Rehearsal({
    files: {
      ...noteCompany(),
      ...pipeline("shop/note", [{ id: "write", agent: "scribe", retry: { limit: 1 } }]),
    },
  });
  shop.plays["scribe"] = (_, signal, save) => {
    stop.abort("interrupted");
    expect(signal.aborted).toBe(true);
    save?.(new Map([["page", 5]]));
    return { outcome: "cancelled", reason: "it was stopped", outputs: null };
  };
  await shop.request("shop/note");

  const tick = await shop.tick(stop.signal);

  expect(tick.end).toEqual({ kind: "interrupted" });
  const [run] = [...(await shop.look()).observed.runs.values()];
  expect(run).toMatchObject({ attempts: [], checkpoints: [{ attempt: 1 }] });
  shop.plays["scribe"] = reading;
  await shop.tick();
  expect(shop.calls[1]).toMatchObject({ attempt: 1, checkpoints: new Map([["page", 5]]) });
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded", attempts: [{ attempt: 1 }] }]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("After Ctrl-C another clone goes on at once, from what was saved here last.", async () => {
  const stop = new AbortController();
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  const origin = addOrigin(operator);
  const first = new Rehearsal({ files: {}, operator });
  first.plays["scribe"] = (_, __, save) => {
    stop.abort("interrupted");
    save?.(new Map([["page", 5]]));
    return { outcome: "cancelled", reason: "it was stopped", outputs: null };
  };
  await first.request("shop/note");

  const tick = await first.tick(stop.signal);

  expect(tick.end).toEqual({ kind: "interrupted" });
  const plays = { scribe: reading };
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays });
  second.pass("1m");
  await second.tick();
  expect(second.calls).toMatchObject([{ attempt: 1, checkpoints: new Map([["page", 5]]) }]);
  expect(second.closedRuns()).toMatchObject([{ result: "succeeded" }]);
});

/** Counts to five with a checkpoint each, a second and more apart, and writes down what it counts. */
function counting(log: string): FileTexts {
  const source = `
import { appendFileSync, readFileSync, renameSync, writeFileSync, existsSync } from "node:fs";
const { checkpoints, checkpointFolder } = JSON.parse(readFileSync(0, "utf8"));
for (let n = (checkpoints.counted ?? 0) + 1; n <= 5; n += 1) {
  appendFileSync(${JSON.stringify(log)}, n + "\\n");
  writeFileSync(checkpointFolder + "/counted.tmp", JSON.stringify(n));
  renameSync(checkpointFolder + "/counted.tmp", checkpointFolder + "/counted.json");
  if (!existsSync(${JSON.stringify(`${log}.fast`)})) await new Promise((resolve) => setTimeout(resolve, 1500));
}
process.stdout.write(JSON.stringify({ outputs: {} }));`;
  return {
    ...noteCompany(),
    ...agent("scribe", { runtime: { command: ["node", "agents/scribe/main.mjs"] } }),
    "agents/scribe/main.mjs": source,
  };
}

function lines(log: string): readonly string[] {
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
}

test("An agent that is killed with its runner in the middle goes on where it was, and does not start anew.", async () => {
  const log = join(makeFolder(), "log");
  const shop = new Rehearsal({ files: counting(log) });
  await shop.request("shop/note");
  expect(await killedWhen(shop, () => lines(log).length >= 4)).toBe("SIGKILL");

  writeFileSync(`${log}.fast`, "");
  await shop.tick();

  const [first, again] = [lines(log).slice(0, 4), lines(log).slice(4)];
  expect(first).toEqual(["1", "2", "3", "4"]);
  expect(["3", "4", "5"]).toContain(again[0]);
  expect(again.at(-1)).toBe("5");
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded", attempts: [{ attempt: 1 }] }]);
  expect((await shop.verify()).findings).toEqual([]);
});

test("When the machine of the first runner is gone, another goes on from what has reached the origin.", async () => {
  const log = join(makeFolder(), "log");
  const operator = makeRepository();
  operator.commit(counting(log), "Start the company");
  const origin = addOrigin(operator);
  const first = new Rehearsal({ files: {}, operator });
  await first.request("shop/note");
  expect(await killedWhen(first, () => lines(log).length >= 4)).toBe("SIGKILL");

  writeFileSync(`${log}.fast`, "");
  const second = new Rehearsal({
    files: {},
    operator: cloneOf(origin),
    now: "2026-03-02T11:00:00.000Z",
  });
  await second.tick();

  expect(["2", "3", "4", "5"]).toContain(lines(log)[4]);
  expect(lines(log).at(-1)).toBe("5");
  expect(second.closedRuns()).toMatchObject([{ result: "succeeded" }]);
  expect((await second.verify()).findings).toEqual([]);
});

test("Ctrl-C keeps what a real agent has saved in its last moment; the next tick goes on from there.", async () => {
  const log = join(makeFolder(), "log");
  const shop = new Rehearsal({ files: counting(log) });
  await shop.request("shop/note");

  const code = await interruptedWhen(shop, () => lines(log).length >= 3);

  expect(code).toBe(130);
  const [run] = [...(await shop.look()).observed.runs.values()];
  expect(run?.attempts).toEqual([]);
  writeFileSync(`${log}.fast`, "");
  await shop.tick();
  // It may have written down a number that it had no time to save.
  expect(["3", "4"]).toContain(lines(log)[3]);
  expect(lines(log).at(-1)).toBe("5");
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded", attempts: [{ attempt: 1 }] }]);
});

test("Ctrl-C waits for an external effect, a second one does not; nothing that an agent has started goes on.", async () => {
  const marks = makeFolder();
  const script = `echo $$ > ${marks}/begun
while :; do echo . >> ${marks}/alive; sleep 0.05; done
`;
  const files = {
    ...noteCompany(),
    ...agent("scribe", { effects: "external", idempotency: "native" }),
    "agents/scribe/main.sh": script,
    ...pipeline("shop/note", [
      {
        id: "write",
        agent: "scribe",
        once: { key: "note" },
        compensate: { none: "a note cannot be unsent" },
      },
    ]),
  };
  const shop = new Rehearsal({ files });
  await shop.request("shop/note");
  const hasBegun = (): boolean => existsSync(join(marks, "begun"));
  let pressedAt = 0;
  const isPatient = (): boolean => Date.now() - pressedAt > 1000;

  const code = await interruptedWhen(
    shop,
    () => {
      pressedAt = Date.now();
      return hasBegun();
    },
    isPatient,
  );

  expect(code).toBe(130);
  const size = lines(join(marks, "alive")).length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(lines(join(marks, "alive")).length).toBe(size);
  const [run] = [...(await shop.look()).observed.runs.values()];
  expect(run?.attempts).toMatchObject([{ state: "intended", outcome: null }]);
});
