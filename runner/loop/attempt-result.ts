/** What came of an attempt: its record, the files and memory it brings, all in one payload. */
import { blobId } from "#runner/core/blob-id.ts";
import { changedLines } from "#runner/core/changed-lines.ts";
import {
  admitMemory,
  type Admission,
  type AdmissionRules,
  type AdmittedMemory,
} from "#runner/core/memory/memory-admission.ts";
import { bytesOf, type KnownMemory } from "#runner/core/memory/memory-judgement.ts";
import { admitMerged } from "#runner/core/memory/memory-merge.ts";
import { memoryTaken } from "#runner/core/memory/memory-taken.ts";
import { citationsIn } from "#runner/core/memory/memory-citation.ts";
import { NO_SPEND } from "#runner/core/money/spend.ts";
import { msBetween } from "#runner/core/time/instant.ts";
import type { StepStart } from "#runner/core/action.ts";
import type { AgentVersion, OpenRun } from "#runner/core/model.ts";
import { agentName } from "#runner/core/agent-reference.ts";
import { agentStepsBefore } from "#runner/core/step-graph.ts";
import { isDone } from "#runner/core/outcome.ts";
import { hearsOutside } from "#runner/core/outside-text.ts";
import { type MemoryFile, pendingFiles, retryPart } from "#runner/core/settle-step.ts";
import { PayloadDraft } from "#runner/core/transaction.ts";
import type { Result } from "#runner/runtimes/invocation.ts";
import type {
  Agent,
  AttemptMemory,
  AttemptRecord,
  Deliverable,
  PendingDelivery,
} from "#runner/schema/types.gen.ts";
import { blankAttempt, whoOf } from "./blank-attempt.ts";
import type { Engine, View } from "./engine.ts";
import type { Prepared } from "./invocation-of.ts";
import { refusedIn } from "./refused-in.ts";
import type { Remembered } from "./remembered.ts";

export interface Finished {
  readonly action: StepStart;
  readonly prepared: Prepared;
  readonly result: Result;
  readonly startedAt: string;
  readonly remembered: Remembered;
}

export interface AttemptResult {
  readonly attempt: AttemptRecord;
  readonly payload: PayloadDraft;
  /** Files for main; those that a gate shows first are not among them. */
  readonly pending: readonly PendingDelivery[];
}

export async function attemptResult(
  engine: Engine,
  view: View,
  done: Finished,
): Promise<AttemptResult> {
  const { action, prepared, result } = done;
  const { outcome } = result;
  const at = result.during?.finishedAt ?? engine.clock();
  const who = whoOf(view, action);
  const { run, agent } = who;
  const payload = new PayloadDraft(at);
  const deliverables = isDone(outcome) ? await harvested(engine, done, payload) : [];
  const admission = admitted(view, who, done);
  const memory = admission.admitted.map((record) => memoryFile(engine, record, payload));
  const { retryAfterMs } = result;
  const next = retryPart({ ...action, outcome, at, retryAfterMs }, run);
  const attempt: AttemptRecord = {
    ...blankAttempt(view, action, payload),
    ...effectPart(action, result),
    ...next.record,
    ...ladderPart(result),
    ...spendPart(done, at),
    ...callsPart(done, payload),
    ...outputPart(result, payload),
    key: prepared.invocation.key,
    startedAt: done.startedAt,
    finishedAt: at,
    outcome,
    reason: [result.reason, next.why].filter((part) => part !== "").join("; "),
    deliverables,
    memory: {
      ...prepared.asked,
      recalled: [...prepared.recalled],
      ...citedPart(agent, done),
      ...admissionPart(admission),
    },
    rationale: result.rationale,
  };
  const brought = { run: action.run, step: action.step, deliverables, memory };
  return { attempt, payload, pending: pendingFiles(run.pipeline, brought) };
}

const NOTHING_PROPOSED: Admission = { admitted: [], refused: [], confirmed: [] };

function admitted(view: View, { run, agent }: ReturnType<typeof whoOf>, done: Finished): Admission {
  const { action, prepared, result, remembered } = done;
  const { clusters, invocation } = prepared;
  const isGood = isDone(result.outcome);
  const isMerging = isGood && invocation.clusters !== undefined;
  const proposals = isGood ? result.memory : [];
  if (proposals.length === 0 && !isMerging) return NOTHING_PROPOSED;
  const { project } = run.record;
  const isExternal =
    hearsOutside(agent.manifest) ||
    readersBefore(run, action.step).some(hearsOutside) ||
    prepared.invocation.memory.some((record) => record.trust === "external");
  const beside = remembered.in(project);
  const rules: AdmissionRules = {
    writes: agent.manifest.memory?.writes,
    namespace: project,
    run: action.run,
    step: action.step,
    item: action.item,
    agent: `${agent.name}@${agent.manifest.version}`,
    asOf: run.record.asOf,
    trust: isExternal ? "external" : "internal",
    existing: [...prepared.existing, ...beside.map(besideOf)],
    injected: prepared.invocation.memory,
    taken: memoryTaken(action.run, run.attempts, beside),
    forgotten: prepared.forgotten,
    unwanted: refusedIn(view, project),
    knownSecrets: prepared.invocation.secrets,
  };
  const said = admitMemory(proposals, rules);
  const merged = admitMerged(isMerging ? result.outputs : null, { ...rules, clusters });
  const records = [...said.admitted, ...merged.admitted];
  remembered.add(project, records);
  return { ...said, admitted: records, refused: [...said.refused, ...merged.refused] };
}

/** What they gather goes on through later steps; who has an effect on the outside brings receipts, not text. */
function readersBefore({ pipeline, agents }: OpenRun, step: string): readonly Agent[] {
  return agentStepsBefore(pipeline, step)
    .flatMap((before) => agents.get(agentName(before.agent)) ?? [])
    .map(({ manifest }) => manifest)
    .filter(({ effects }) => effects !== "external");
}

function besideOf({ record, text, ask }: AdmittedMemory): KnownMemory {
  return { id: record.id, record, text, ...(ask === null ? {} : { isProposed: true }) };
}

/** What of an attempt's record tells what it remembers. */
function admissionPart({
  admitted: records,
  refused,
  confirmed,
}: Admission): Omit<AttemptMemory, "recalled"> {
  const proposed = records.filter(({ ask }) => ask !== null).map(({ record }) => record.id);
  return {
    admitted: records.map(({ record }) => record.id),
    ...(proposed.length === 0 ? {} : { proposed }),
    ...(records.length === 0
      ? {}
      : { bytes: records.reduce((sum, { text }) => sum + bytesOf(text), 0) }),
    ...(confirmed.length === 0 ? {} : { confirmed: [...confirmed] }),
    refused: [...refused],
  };
}

/** What the agent says that it used, held against what it was given. */
function citedPart(
  agent: AgentVersion,
  { prepared, result }: Finished,
): Pick<AttemptMemory, "cited" | "notGiven"> {
  const given = prepared.recalled.map(({ id }) => id);
  const citations = citationsIn(agent.manifest, result.outputs, given);
  if (citations === null) return {};
  const { cited, notGiven } = citations;
  return { cited: [...cited], ...(notGiven.length === 0 ? {} : { notGiven: [...notGiven] }) };
}

/** Which rung gave the result, and why not a higher one. */
function ladderPart(result: Result): Pick<AttemptRecord, "rung" | "degraded" | "model"> {
  return {
    rung: result.rung,
    ...(result.degraded === undefined ? {} : { degraded: result.degraded }),
    ...(result.model === undefined ? {} : { model: result.model }),
  };
}

/** Without a word of what it took, an attempt has asked no model. */
function spendPart(
  { action, result, startedAt }: Finished,
  at: string,
): Partial<Pick<AttemptRecord, "costMicros" | "basis" | "spent" | "models">> {
  if (action.grant === undefined) return {};
  const { micros, tokens, requests, basis, models } = result.spend ?? NO_SPEND;
  const ms = action.grant.ms === 0 ? 0 : msBetween(startedAt, at);
  const asked = Object.keys(models).length === 0 ? {} : { models: { ...models } };
  return { costMicros: micros, basis, spent: { micros, tokens, requests, ms }, ...asked };
}

/** What was said to models and what they said: by content, as inputs and outputs are. */
function callsPart(
  { result: { calls = [], prices } }: Finished,
  payload: PayloadDraft,
): Pick<AttemptRecord, "calls" | "prices"> {
  if (calls.length === 0) return {};
  const recorded = calls.map((call) => ({
    ...call,
    request: payload.addBytes(call.request),
    response: payload.addBytes(call.response),
  }));
  return { calls: recorded, ...(prices === undefined ? {} : { prices }) };
}

function outputPart(result: Result, payload: PayloadDraft): Pick<AttemptRecord, "outputs" | "log"> {
  const { outputs, log } = result;
  return {
    outputs: outputs === null || outputs === undefined ? null : payload.addValue(outputs),
    ...(log === "" ? {} : { log: payload.addBytes(new TextEncoder().encode(log)) }),
  };
}

function effectPart(action: StepStart, result: Result): Pick<AttemptRecord, "effect"> {
  if (action.effect === null) return {};
  const { receipt } = result;
  return {
    effect: { ...action.effect, ...(receipt === undefined ? {} : { receipt: { ...receipt } }) },
  };
}

function harvested(engine: Engine, done: Finished, payload: PayloadDraft): Promise<Deliverable[]> {
  return Promise.all(
    done.result.files.map(async ({ path, content }) => {
      const was = done.prepared.files.get(path)?.oid ?? null;
      return {
        path,
        content: payload.addBytes(content),
        blob: blobId(content, engine.repository.objectFormat),
        was,
        bytes: content.byteLength,
        ...(await linesPart(engine, was, content)),
      };
    }),
  );
}

const decoder = new TextDecoder();

/** Not known where the clone does not hold what stood there before. */
async function linesPart(
  { store }: Engine,
  was: string | null,
  content: Uint8Array,
): Promise<Pick<Deliverable, "lines">> {
  const before = was === null ? new Uint8Array() : await store.reader.readBlob(was);
  if (before === undefined) return {};
  return { lines: changedLines(decoder.decode(before), decoder.decode(content)) };
}

const BEGINNING = 160;

function memoryFile(engine: Engine, memory: AdmittedMemory, payload: PayloadDraft): MemoryFile {
  const content = new TextEncoder().encode(memory.file);
  return {
    path: memory.path,
    content: payload.addBytes(content),
    blob: blobId(content, engine.repository.objectFormat),
    was: null,
    bytes: content.byteLength,
    ...asksPart(memory),
  };
}

function asksPart({ ask, text, record }: AdmittedMemory): Pick<MemoryFile, "asks"> {
  if (ask === null) return {};
  const letters = Array.from(text.replaceAll(/\s+/gu, " "));
  const says =
    letters.length > BEGINNING ? `${letters.slice(0, BEGINNING).join("")}…` : letters.join("");
  const external = record.trust === "external" ? { external: true } : {};
  return { asks: { ...ask, says, ...external } };
}
