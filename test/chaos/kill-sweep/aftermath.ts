/** What must be true after a kill, and after the ticks that follow it; each fault as a sentence. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Desk, Ended } from "../../e2e/program.ts";
import { PEOPLE, type KilledCompany } from "./company.ts";

const STATE = "refs/heads/fettle/state";

export interface Sequel {
  /** What the machine that was killed does when its work is started again; it may find it done. */
  readonly again: readonly string[];
  /** The time of day from then on, where others may take the work over by then. */
  readonly later: Readonly<Record<string, string>>;
}

const NO_SEQUEL: Sequel = { again: [], later: {} };

/** Plays the company to its end with plain verbs, as a person would who saw nothing of the kill. */
export async function faultsAfterKill(
  company: KilledCompany,
  { again, later }: Sequel = NO_SEQUEL,
): Promise<readonly string[]> {
  const { origin } = company;
  const operator = company.operator.at(company.operator.folder, later);
  const authority = origin ?? operator;
  const atKill = await tipOf(authority);
  const torn = await brokenObjects(company, "after the kill");
  const restarted = again.length === 0 ? [] : unless0(await operator.fettle(...again), "again");
  const next = await reconciled(operator);
  const stuck = next.code === 0 || next.code === 1 ? [] : [`the next tick: ${told(next)}`];
  const gate = await openGateOnState(operator);
  const approved = gate === "" ? [] : unless0(await operator.fettle("approve", gate), "approve");
  await reconciled(operator);
  const doubts = await doubtsOf(operator);
  if (later !== NO_SEQUEL.later) await answerAll(doubts, operator, company.letters);
  return [
    ...torn,
    ...restarted,
    ...stuck,
    ...approved,
    ...(await unfinished(operator)),
    ...(await lostResults(authority, atKill)),
    ...wrongLetters(doubts, company.letters),
    ...unless0(await operator.fettle("verify"), "verify"),
    ...(await brokenObjects(company, "at the end")),
    ...(await differences(operator, origin)),
    ...leftovers(company),
  ];
}

/** The kill may have kept this clone from getting the branch that it proposed. */
async function openGateOnState(operator: Desk): Promise<string> {
  const path = await operator.git("ls-tree", "--name-only", "fettle/state", "gates/");
  return /^gates\/(.*)\.json$/.exec(path)?.[1] ?? "";
}

function reconciled(operator: Desk): Promise<Ended> {
  return operator.fettle("reconcile");
}

async function tipOf(desk: Desk): Promise<string> {
  return desk.git("for-each-ref", "--format=%(objectname)", STATE);
}

function unless0(end: Ended, verb: string): readonly string[] {
  return end.code === 0 ? [] : [`${verb}: ${told(end)}`];
}

function told({ code, stdout, stderr }: Ended): string {
  return `ended with ${code}: ${stdout}${stderr}`;
}

async function brokenObjects(company: KilledCompany, when: string): Promise<readonly string[]> {
  const places = [company.operator, ...(company.origin === null ? [] : [company.origin])];
  const said = await Promise.all(places.map((desk) => fsck(desk)));
  return said.filter((words) => words !== "").map((words) => `fsck ${when}: ${words}`);
}

async function fsck(desk: Desk): Promise<string> {
  try {
    return await desk.git("fsck", "--no-dangling", "--no-progress");
  } catch (error) {
    return String(error);
  }
}

async function unfinished(operator: Desk): Promise<readonly string[]> {
  const open = await operator.git("ls-tree", "-r", "--name-only", "fettle/state", "open/");
  const ended = await operator.git("ls-tree", "-r", "--name-only", "fettle/state", "runs/");
  const isEnded = open === "" && ended.split("\n").length === 1 && ended !== "";
  return isEnded ? [] : [`the run has not ended: ${open}`];
}

/** What the authority had accepted is still part of the history. */
async function lostResults(authority: Desk, atKill: string): Promise<readonly string[]> {
  const base = await authority.git("merge-base", atKill, STATE);
  return base === atKill ? [] : [`${atKill} was accepted and is not part of the history any more`];
}

interface Doubt {
  readonly onceKey: string;
}

async function doubtsOf(operator: Desk): Promise<readonly Doubt[]> {
  return JSON.parse((await operator.fettle("answer", "--json")).stdout);
}

/** Says the truth, as a person can who looks into the letter box. */
async function answerAll(
  doubts: readonly Doubt[],
  operator: Desk,
  letters: readonly string[],
): Promise<void> {
  for (const { onceKey } of doubts) {
    const isPosted = letters.includes(onceKey.replace("letter/", ""));
    await operator.fettle("answer", onceKey, isPosted ? "happened" : "did-not");
  }
  await reconciled(operator);
}

function wrongLetters(doubts: readonly Doubt[], letters: readonly string[]): readonly string[] {
  if (letters.toSorted().join() === PEOPLE.join()) return [];
  const doubted = doubts.map(({ onceKey }) => onceKey.replace("letter/", ""));
  const doubled = letters.filter((name, index) => letters.indexOf(name) !== index);
  const lost = PEOPLE.filter((name) => !letters.includes(name) && !doubted.includes(name));
  return [
    ...doubled.map((name) => `${name} was written to twice`),
    ...lost.map((name) => `nobody wrote to ${name}, and nobody doubts it`),
  ];
}

async function differences(operator: Desk, origin: Desk | null): Promise<readonly string[]> {
  const dirty = await operator.git("status", "--porcelain");
  const here = await branches(operator);
  const there = origin === null ? here : await branches(origin);
  const again = await reconciled(operator);
  return [
    ...(dirty === "" ? [] : [`files differ from main: ${dirty}`]),
    ...(here === there ? [] : [`branches differ:\n${here}\n${there}`]),
    ...unless0(again, "one more tick"),
    ...(here.includes("fettle/gate/") ? [`a settled gate has left its branch:\n${here}`] : []),
    ...((await branches(operator)) === here ? [] : ["one more tick wrote something"]),
  ];
}

function branches(desk: Desk): Promise<string> {
  return desk.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads");
}

/** What git leaves of objects it did not finish is harmless, and its own collection removes it. */
const UNFINISHED_OBJECT = /\/(?:tmp_obj|tmp_pack|tmp_idx|tmp_rev|\.tmp-)/;
const LEFTOVER = /\.lock$|\.keep$|\/objects\/pack\/fettle-|\/fettle\/delivery\.json$|\.json\.\d+$/;

function leftovers({ folders }: KilledCompany): readonly string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    )
    .filter((path) => LEFTOVER.test(path) && !UNFINISHED_OBJECT.test(path))
    .map((path) => `left over: ${path}`);
}
