/** `fettle doctor`: what is in order here, what is not, and what to do. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { operatorOf } from "#runner/loop/operator.ts";
import { look, type Seen } from "#runner/loop/look.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { listCheckouts } from "#runner/repo/checkouts.ts";
import { branchName, IN_THE_WAY, MAIN } from "#runner/core/ref-names.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import { readRef, readRefs } from "#runner/repo/refs.ts";
import { isDamage } from "#runner/repo/damage.ts";
import { isDeliveryUnfinished } from "#runner/repo/delivery.ts";
import { probeProcessCage } from "#runner/runtimes/process-cage.ts";
import { signsOf, paint } from "#runner/report/look.ts";
import { counted } from "#runner/report/words.ts";
import { agentProgramChecks } from "./agent-program-check.ts";
import { ok, type Check } from "./check.ts";
import { githubChecks, repairGithub } from "./github-check.ts";
import { forgeChecks } from "./forge-check.ts";
import { modelChecks } from "./model-check.ts";
import { locking, reading } from "./opened.ts";
import { clockCheck } from "./clock-check.ts";
import { inTheWay, seeOrigin, stepChecks, type OriginSeen } from "./origin-check.ts";
import { repair, repairRefFiles } from "./repair.ts";
import { soundCheck } from "./sound-check.ts";
import { conflictCheck, setBackCheck } from "./state-check.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

/** Changes nothing; with `repair` what is safe to put right is put right first. */
export async function doctorVerb(
  context: VerbContext,
  { repair: isRepairing, now: said }: { readonly repair: boolean; readonly now: string | null },
): Promise<Answer> {
  if (said !== null && !isRepairing) {
    const message = "--now says what time it is, for what is repaired";
    return refused("usage", message, `fettle doctor --repair --now "${said}"`);
  }
  try {
    return isRepairing
      ? await repaired(context, { before: [], said })
      : await reading(context, checked(context));
  } catch (error) {
    if (!isDamage(error)) throw error;
    return isRepairing
      ? repaired(context, { before: repairRefFiles(context.start), said })
      : notOpened(context, error);
  }
}

function checked(context: VerbContext): (engine: Engine) => Promise<Answer> {
  return async (engine) => {
    const checks = await checksOf(context, engine);
    return { exit: exitOf(checks), text: textOf(context, checks), json: checks };
  };
}

interface Repairing {
  /** Was done already, so that the repository could be opened. */
  readonly before: readonly string[];
  readonly said: string | null;
}

function repaired(context: VerbContext, { before, said }: Repairing): Promise<Answer> {
  return locking(context, async (engine, taken) => {
    const mended = await repair(engine, { taken, said }, context.signal);
    const files = await repairedWorkflows(context, engine);
    const did = [...before, ...mended, ...files];
    const checks = await checksOf(context, engine);
    const done = did.length === 0 ? ["nothing to repair"] : did;
    const text = `${done.map((line) => `${line}\n`).join("")}\n${textOf(context, checks)}`;
    return { exit: exitOf(checks), text, json: { did, checks } };
  });
}

async function repairedWorkflows(context: VerbContext, engine: Engine): Promise<readonly string[]> {
  try {
    return repairGithub(context.programFolder, engine, await look(engine));
  } catch (error) {
    // What cannot be read is told by the checks that follow.
    if (isDamage(error)) return [];
    throw error;
  }
}

/** A ref that holds nothing: there is nothing else to look at. */
function notOpened(context: VerbContext, error: unknown): Answer {
  const what = error instanceof Error ? error.message : String(error);
  const fix = "fettle doctor --repair   puts it aside and takes the newest that is known";
  const checks: readonly Check[] = [{ status: "problem", what, fix }];
  return { exit: "failed", text: textOf(context, checks), json: checks };
}

async function checksOf(context: VerbContext, engine: Engine): Promise<readonly Check[]> {
  const sound = await soundCheck(engine.repository, context.signal);
  const checks = [nodeCheck(), sound, ...repositoryChecks(engine)];
  try {
    return [...checks, ...(await workspaceChecks(context, engine))];
  } catch (error) {
    // Told already, as what cannot be read.
    if (sound.status === "problem" && isDamage(error)) return checks;
    throw error;
  }
}

async function workspaceChecks(context: VerbContext, engine: Engine): Promise<readonly Check[]> {
  const origin = await seeOrigin(engine.repository, context.signal);
  const state = await stateChecks(engine, origin);
  const seen = await look(engine);
  return [
    ...origin.checks,
    ...state,
    ...(await operatorCheck(engine, seen)),
    workspaceCheck(seen),
    ...(await forgeChecks(context, engine, seen.workspace)),
    await clockCheck(engine, seen),
    ...(await modelChecks(context, engine, seen.workspace)),
    await sandboxCheck(context),
    ...(await agentProgramChecks(context, seen.workspace)),
    ...(await githubChecks(context, engine, seen)),
    lockCheck(engine),
  ];
}

async function stateChecks(engine: Engine, { shown }: OriginSeen): Promise<readonly Check[]> {
  const conflict = await conflictCheck(engine, shown ?? null);
  if (conflict !== null) return [conflict];
  const main = shown === undefined ? null : await setBackCheck(engine, shown);
  return [...(main === null ? [] : [main]), ...(await stepChecks(engine.repository, shown))];
}

function exitOf(checks: readonly Check[]): "failed" | "ok" {
  return checks.some(({ status }) => status === "problem") ? "failed" : "ok";
}

function nodeCheck(): Check {
  const { node } = process.versions;
  return Number(node.split(".")[0]) >= 24
    ? ok(`node ${node}`)
    : { status: "problem", what: `node ${node} is too old`, fix: "npm ci brings node 24" };
}

function repositoryChecks({ repository }: Engine): readonly Check[] {
  const refs = readRefs(repository);
  const checkout = listCheckouts(repository).find(
    ({ head }) => head.kind === "branch" && head.ref === MAIN,
  );
  return [
    refs.has(MAIN)
      ? ok("branch main")
      : { status: "problem", what: "there is no branch main", fix: "git branch -m main" },
    ...(readRef(repository.commonDir, IN_THE_WAY) !== undefined
      ? [inTheWay(branchName(IN_THE_WAY))]
      : []),
    checkout !== undefined
      ? ok(`main is checked out: deliveries show up in ${checkout.workTree}`)
      : {
          status: "warning",
          what: "main is not checked out: deliveries move the branch only",
          fix: "git switch main",
        },
    repository.shallow
      ? {
          status: "warning",
          what: "the clone is shallow: verify can only say incomplete",
          fix: "git fetch --unshallow",
        }
      : ok("the whole history is here"),
    isDeliveryUnfinished(repository)
      ? { status: "warning", what: "a delivery was cut off", fix: "fettle reconcile finishes it" }
      : ok("no delivery is half done"),
  ];
}

async function operatorCheck(engine: Engine, seen: Seen): Promise<readonly Check[]> {
  if (seen.workspace === null) return [];
  const who = await operatorOf(engine.repository);
  const operators = seen.workspace.settings.operators.map(({ email }) => email);
  if (who !== null && operators.includes(who.email))
    return [ok(`you are ${who.email}, an operator: your merges are approvals`)];
  return [
    {
      status: "problem",
      what: `you are ${who?.email ?? "nobody"}, not one of the operators (${operators.join(", ")})`,
      fix: "git config user.email <theirs>, or add yourself to operators in fettle.yaml",
    },
  ];
}

function workspaceCheck({ workspace, violations }: Seen): Check {
  const errors = violations.filter(({ severity }) => severity === "error");
  if (workspace === null)
    return {
      status: "problem",
      what: "no usable fettle.yaml on main",
      fix: "fettle init . makes one, fettle validate checks it",
    };
  return errors.length === 0
    ? ok(`${counted(workspace.projects.size, "project")} on main, all valid`)
    : {
        status: "problem",
        what: `${counted(errors.length, "error")} in the files of main`,
        fix: "fettle validate",
      };
}

async function sandboxCheck(context: VerbContext): Promise<Check> {
  const cage = await probeProcessCage(context.environment["PATH"] ?? "");
  const sandbox =
    "agents run with your own rights (no sandbox): gates guard against mistakes, not against malice";
  return cage.length > 0
    ? {
        status: "warning",
        what: sandbox,
        fix: "give agents only what they need (reads, writes, secrets)",
      }
    : {
        status: "warning",
        what: `${sandbox}; a program that leaves its process group outlives its time limit`,
        fix: "install util-linux (unshare, setpriv)",
      };
}

/** git's own locks are the operator's to judge: a git may be at work. */
function lockCheck({ repository }: Engine): Check {
  const locks = listCheckouts(repository)
    .map(({ gitDir }) => join(gitDir, "index.lock"))
    .filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
  const [path] = locks;
  return path === undefined
    ? ok("no stale index.lock")
    : {
        status: "warning",
        what: `${path} stands in the way of deliveries`,
        fix: `if no git runs: rm ${shellWord(path)}`,
      };
}

function textOf(context: VerbContext, checks: readonly Check[]): string {
  const signs = signsOf(context.look);
  const lines = checks.map(({ status, what, fix }) => {
    const tone = status === "ok" ? "good" : status === "warning" ? "warn" : "bad";
    const sign = status === "ok" ? signs.ok : status === "warning" ? signs.attention : signs.failed;
    const hint = fix === "" ? "" : `\n    ${signs.arrow} ${fix}`;
    return `${paint(`${sign} ${status}`, tone, context.look)}  ${what}${hint}\n`;
  });
  const count = (wanted: Check["status"]): number =>
    checks.filter(({ status }) => status === wanted).length;
  return `${lines.join("")}${counted(count("problem"), "problem")}, ${counted(count("warning"), "warning")}\n`;
}
