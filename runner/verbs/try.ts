/** `fettle try`: the example studio in a fresh repository, reconciled before your eyes. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bookRequest, requestOf } from "#runner/loop/request.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import { type DemoModel, findDemoModel, withDemoModel } from "./demo-model.ts";
import { tickOnce } from "./reconcile.ts";
import { reading, sight, writing } from "./opened.ts";
import { inWordsOf } from "./program-words.ts";
import { agentFolders, commitPaths, copyMissing, initRepository } from "./workspace-files.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

const ADA = { name: "Ada Northwind", email: "ada@northwind.example" };
const SETTINGS = "fettle.yaml";
interface Shown {
  readonly project: string;
  readonly pipeline: string;
}

/** Pipelines that are run at once, so that every project has something to show. */
const NOTES: Shown = { project: "releases", pipeline: "draft-notes" };
const BRIEF: Shown = { project: "weekly-brief", pipeline: "brief" };

export async function tryVerb(context: VerbContext, wanted: string | null): Promise<Answer> {
  const found = await findDemoModel(context.environment, context.signal);
  if (!found.ok) return refused("usage", found.problem, found.hint);
  const folder = newFolder(context, wanted);
  if (folder === null)
    return refused(
      "usage",
      `${wanted ?? ""} is not an empty folder`,
      `fettle try ${shellWord(freeName(context, wanted ?? "."))}   or fettle try alone, in a temporary folder`,
    );
  await makeStudio(context.programFolder, folder, found.demo);
  const program = { ...context.program, folder };
  const inside = { ...context, start: folder, program };
  const tick = async (shown: readonly Shown[]): Promise<Answer> => {
    await requestShown(inside, shown);
    return context.showing(
      (onProgress) => tickOnce(inside, { detailedExitcode: false }, onProgress),
      program,
    );
  };
  const isPaid = found.demo !== null;
  const first = await tick(isPaid ? [NOTES] : [NOTES, BRIEF]);
  // Written after the reminders, the brief can tell what they have cost.
  const answer = isPaid && first.exit === "ok" ? await tick([BRIEF]) : first;
  const gates = await waitingGates(inside);
  return {
    ...answer,
    text: inWordsOf(program, `${answer.text ?? ""}\n${nextSteps(folder, gates)}`),
    json: { kind: "summary", folder, gates: gates.map(({ id }) => id) },
  };
}

/** An empty folder; null when the one that is asked for holds something. */
function newFolder({ start }: VerbContext, wanted: string | null): string | null {
  if (wanted === null) return mkdtempSync(join(tmpdir(), "fettle-studio-"));
  const folder = resolve(start, wanted);
  if (statSync(folder, { throwIfNoEntry: false })?.isFile()) return null;
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder).length === 0 ? folder : null;
}

/** A name near to the one that was asked for, of which nothing stands there. */
function freeName({ start }: VerbContext, wanted: string): string {
  const isDots = /(?:^|\/)\.{1,2}\/?$/u.test(wanted);
  const name = isDots ? join(wanted, "studio") : wanted.replace(/\/+$/u, "");
  for (let count = 1; ; count += 1) {
    const next = count === 1 ? name : `${name}-${count}`;
    if (!existsSync(resolve(start, next))) return next;
  }
}

/** Three commits, as a person would have made them. */
async function makeStudio(from: string, folder: string, demo: DemoModel | null): Promise<void> {
  await initRepository(folder, ADA);
  const steps = [
    ["chore: start the studio", [SETTINGS, "schemas"]],
    ["feat: hire the agents", [...agentFolders(from)]],
    ["feat: collections, releases and the weekly brief", ["projects", "memory"]],
  ] as const;
  for (const [message, paths] of steps) {
    const copied = copyMissing(from, folder, paths);
    if (demo !== null && copied.includes(SETTINGS)) {
      const path = join(folder, SETTINGS);
      writeFileSync(path, withDemoModel(readFileSync(path, "utf8"), demo));
    }
    await commitPaths(folder, copied, message);
  }
}

async function requestShown(context: VerbContext, shown: readonly Shown[]): Promise<void> {
  await writing(
    context,
    () => undefined,
    async (engine) => {
      for (const { project, pipeline } of shown) {
        const sighted = await sight(context, engine);
        if (!sighted.ok) return sighted.refusal;
        const request = await requestOf(engine, { kind: "run", project, pipeline, params: {} });
        await bookRequest(engine, request, {
          observed: sighted.sight.observed,
          signal: context.signal,
        });
      }
      return { exit: "ok" };
    },
  );
}

interface Waiting {
  readonly id: string;
  readonly title: string;
  readonly branch: string;
}

async function waitingGates(context: VerbContext): Promise<readonly Waiting[]> {
  let gates: readonly Waiting[] = [];
  await reading(context, async (engine) => {
    const sighted = await sight(context, engine);
    if (sighted.ok) gates = [...sighted.sight.observed.gates.values()].map(({ record }) => record);
    return { exit: "ok" };
  });
  return gates;
}

function nextSteps(folder: string, [first]: readonly Waiting[]): string {
  const gate =
    first === undefined
      ? []
      : [
          [`git diff main...${first.branch}`, `read what waits: "${first.title}"`],
          [`fettle approve ${first.id}`, "approve it: the merge is your signature"],
        ];
  const steps = [
    ...gate,
    ["fettle reconcile", "go on: mails are laid into projects/collections/outbox"],
    ["fettle reconcile", "nothing is done twice"],
    ["fettle status", "see where everything stands"],
    ["fettle explain chase-invoices", "see why"],
  ];
  return [
    `The studio is an ordinary git repository in ${folder}. Go on there:`,
    ...steps.flatMap(([command = "", what = ""]) => [`  # ${what}`, `  ${command}`]),
    "",
  ].join("\n");
}
