/** An operator and a stranger act at random on the branch of a gate and on main; what must come of it is reckoned without looking at git. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mailShop, sent } from "../support/mail-shop.ts";
import type { Rehearsal } from "../support/rehearsal.ts";

const EVE = "eve@elsewhere.example";
const ADA = "ada@northwind.example";

const ACTS = [
  "ada merges",
  "eve merges",
  "ada reverts",
  "eve reverts",
  "ada edits an item",
  "eve edits an item",
  "ada writes rejected",
  "eve pushes the branch back",
  "somebody deletes the branch",
  "somebody restores the branch",
  "ada works on something else",
  "a tick",
] as const;

type Act = (typeof ACTS)[number];
type Decision = "approved" | "rejected" | "withdrawn" | null;

/** What is known of the world by whoever has watched all acts. */
class Oracle {
  branch: "there" | "gone" = "there";
  /** What the branch holds beyond the proposal. */
  says: "approved" | "rejected" = "approved";
  isTainted = false;
  /** Who is behind what main holds; null: main holds nothing. */
  main: { readonly says: "approved" | "rejected"; readonly isProven: boolean } | null = null;
  /** Who took it off main last. */
  takenBy: string | null = null;
  wasMerged = false;
  #missing = 0;
  #texts = 0;

  nextText(): number {
    return (this.#texts += 1);
  }

  /** The branch holds the proposal and nothing else. */
  startAnew(): void {
    this.says = "approved";
    this.isTainted = false;
  }

  merge(by: string): void {
    this.main = { says: this.says, isProven: by === ADA && !this.isTainted };
    this.wasMerged = true;
    this.takenBy = null;
  }

  revert(by: string): void {
    this.main = null;
    this.takenBy = by;
  }

  tick(): Decision {
    if (this.main !== null) return this.main.isProven ? this.main.says : null;
    if (this.takenBy !== null) return this.takenBy === ADA ? "withdrawn" : null;
    this.#missing = this.branch === "gone" ? this.#missing + 1 : 0;
    return this.#missing > 1 ? "rejected" : null;
  }
}

interface Scene {
  readonly shop: Rehearsal;
  readonly oracle: Oracle;
  readonly branch: string;
  readonly head: string;
  readonly folder: string;
  readonly item: string;
}

type Deed = (scene: Scene) => void;

/** Each does what it can where things stand. */
const DEEDS: Readonly<Record<Exclude<Act, "a tick">, Deed>> = {
  "ada merges": (scene) => merge(scene, ADA),
  "eve merges": (scene) => merge(scene, EVE),
  "ada reverts": (scene) => revert(scene, ADA),
  "eve reverts": (scene) => revert(scene, EVE),
  "ada edits an item": (scene) => edit(scene, ADA),
  "eve edits an item": (scene) => edit(scene, EVE),
  "ada writes rejected": (scene) => {
    const { shop, oracle, branch, folder } = scene;
    if (!isOpenToEdits(oracle) || oracle.says === "rejected") return;
    const path = `${folder}/decision.md`;
    const record = shop.text(path, branch) ?? "";
    const text = record.replace("decision: approved", "decision: rejected");
    commitOnBranch(scene, ADA, { path, text });
    oracle.says = "rejected";
  },
  "eve pushes the branch back": ({ shop, oracle, branch, head }) => {
    if (!isOpenToEdits(oracle)) return;
    shop.operator.git("branch", "--quiet", "--force", branch, head);
    oracle.startAnew();
  },
  "somebody deletes the branch": ({ shop, oracle, branch }) => {
    if (oracle.branch === "gone") return;
    shop.operator.git("branch", "--quiet", "-D", branch);
    oracle.branch = "gone";
  },
  "somebody restores the branch": ({ shop, oracle, branch, head }) => {
    if (oracle.branch === "there") return;
    shop.operator.git("branch", "--quiet", branch, head);
    oracle.branch = "there";
    oracle.startAnew();
  },
  "ada works on something else": ({ shop }) => {
    const name = shop.operator.git("rev-parse", "HEAD").slice(0, 8);
    shop.operator.commit({ [`notes-${name}.txt`]: "x\n" });
  },
};

function merge({ shop, oracle, branch }: Scene, by: string): void {
  if (!isOpenToEdits(oracle)) return;
  shop.gitAs(by, "merge", "--quiet", "--no-ff", "--no-edit", branch);
  oracle.merge(by);
}

function revert({ shop, oracle }: Scene, by: string): void {
  if (oracle.main === null) return;
  const merged = shop.operator.git("log", "-1", "--merges", "--format=%H", "main");
  shop.gitAs(by, "revert", "--no-edit", "--mainline", "1", merged);
  oracle.revert(by);
}

function edit(scene: Scene, by: string): void {
  if (!isOpenToEdits(scene.oracle)) return;
  const text = `outputs: { text: Number ${scene.oracle.nextText()} of ${by} }\n`;
  commitOnBranch(scene, by, { path: scene.item, text });
  scene.oracle.isTainted ||= by === EVE;
}

function isOpenToEdits({ branch, wasMerged }: Oracle): boolean {
  return branch === "there" && !wasMerged;
}

function commitOnBranch(
  { shop, branch }: Scene,
  by: string,
  { path, text }: { readonly path: string; readonly text: string },
): void {
  const { operator } = shop;
  operator.git("switch", "--quiet", branch);
  writeFileSync(join(operator.path, path), text);
  operator.git("add", "-A");
  shop.gitAs(by, "commit", "--quiet", "-m", "Change it");
  operator.git("switch", "--quiet", "main");
}

async function decided(shop: Rehearsal): Promise<Decision> {
  const [closed] = shop.closedRuns();
  const decision = closed?.gates[0]?.decision;
  if (decision === undefined) return null;
  if (decision === "approved" || decision === "rejected" || decision === "withdrawn")
    return decision;
  throw new Error(`nobody expects ${decision}`);
}

interface Told {
  readonly decision: Decision;
  readonly mails: number;
}

interface Played {
  /** After each tick. */
  readonly told: readonly Told[];
  readonly expected: readonly Told[];
  readonly findings: readonly unknown[];
}

async function play(acts: readonly Act[]): Promise<Played> {
  const told: Told[] = [];
  const expected: Told[] = [];
  const shop = await mailShop();
  const { branch, head, folder, items } = await shop.gate();
  const scene = { shop, oracle: new Oracle(), branch, head, folder, item: items[0]?.path ?? "" };
  for (const act of [...acts, "a tick", "a tick"] as const) {
    if (act !== "a tick") {
      DEEDS[act](scene);
      continue;
    }
    shop.pass("1m");
    await shop.tick();
    const due = scene.oracle.tick();
    told.push({ decision: await decided(shop), mails: sent(shop).length });
    expected.push({ decision: due, mails: due === "approved" ? 2 : 0 });
    if (due !== null) break;
  }
  return { told, expected, findings: (await shop.verify()).findings };
}

test.each(
  fc
    .sample(fc.array(fc.constantFrom(...ACTS), { minLength: 4, maxLength: 9 }), {
      seed: 5,
      numRuns: 4,
    })
    .map((acts) => [acts]),
)(
  "no act but an operator's approves, and none but what counts as a rejection rejects: %j",
  async (acts) => {
    const { told, expected, findings } = await play(acts);

    expect(told).toEqual(expected);
    expect(findings).toEqual([]);
  },
);

test.each<[string, readonly Act[]]>([
  [
    "a deleted branch that comes back",
    [
      "somebody deletes the branch",
      "a tick",
      "somebody restores the branch",
      "a tick",
      "ada merges",
    ],
  ],
  ["a merge whose branch is deleted at once", ["ada merges", "somebody deletes the branch"]],
  ["a stranger's edit that an operator merges", ["eve edits an item", "ada merges"]],
  [
    "a stranger's edit that is pushed away",
    ["eve edits an item", "eve pushes the branch back", "ada merges"],
  ],
  ["a stranger's merge that an operator reverts", ["eve merges", "a tick", "ada reverts"]],
  ["an edit by the operator", ["ada edits an item", "ada works on something else", "ada merges"]],
])("%s", async (_, acts) => {
  const { told, expected, findings } = await play(acts);

  expect(told).toEqual(expected);
  expect(findings).toEqual([]);
});
