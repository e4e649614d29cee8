/** Which proposals of an agent become memory records, which wait for an operator, and which are refused with a reason. */
import type { Agent, MemoryRecord } from "#runner/schema/types.gen.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import { renderMemoryFile } from "./memory-file.ts";
import { memoryPath } from "./memory-path.ts";
import { judge, type Judged, type MemoryAsk, type Rules } from "./memory-judgement.ts";
import { type MemoryProposal, readProposal } from "./memory-proposal.ts";
import { type KnownSecrets, redactStart, scanSecrets } from "#runner/core/secret-scan.ts";

export interface AdmissionRules extends Rules {
  /** Of the agent. */
  readonly writes: NonNullable<Agent["memory"]>["writes"];
  readonly namespace: string;
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  /** `agent@version`. */
  readonly agent: string;
  /** Instant of the run. */
  readonly asOf: string;
  /** `external` when text from outside took part. */
  readonly trust: "internal" | "external";
  readonly knownSecrets: KnownSecrets;
}

export interface AdmittedMemory {
  readonly record: MemoryRecord & { readonly id: string };
  readonly text: string;
  readonly path: string;
  /** Content of the file at `path`. */
  readonly file: string;
  /** Set where an operator decides first. */
  readonly ask: MemoryAsk | null;
}

export interface RefusedMemory {
  readonly reason: string;
  readonly subject: string;
}

export interface Admission {
  /** Those that wait for an operator too. */
  readonly admitted: readonly AdmittedMemory[];
  readonly refused: readonly RefusedMemory[];
  /** Records that the step was given and told back without news. */
  readonly confirmed: readonly string[];
}

const LONGEST_REASON = 300;

/** Admits what is well-formed, allowed, new and free of secrets; the same proposals give the same ids and paths. */
export function admitMemory(proposals: readonly unknown[], rules: AdmissionRules): Admission {
  const admitted: AdmittedMemory[] = [];
  const refused: RefusedMemory[] = [];
  const confirmed: string[] = [];
  for (const [ordinal, value] of proposals.entries()) {
    const judged = judgedProposal(value, rules, admitted);
    if (judged.kind === "admitted") {
      admitted.push(admittedMemory(judged, rules, ordinal));
      continue;
    }
    if (judged.confirms !== undefined) confirmed.push(judged.confirms);
    const reason = redactStart(judged.reason, rules.knownSecrets, LONGEST_REASON);
    refused.push({ reason, subject: subjectOf(value, rules.knownSecrets) });
  }
  return { admitted, refused, confirmed: [...new Set(confirmed)] };
}

type JudgedProposal =
  | (Extract<Judged, { kind: "admitted" }> & { readonly proposal: MemoryProposal })
  | Extract<Judged, { kind: "refused" }>;

function judgedProposal(
  value: unknown,
  rules: AdmissionRules,
  admitted: readonly AdmittedMemory[],
): JudgedProposal {
  const proposal = readProposal(value);
  if (typeof proposal === "string") return { kind: "refused", reason: proposal };
  const { kind } = proposal;
  if (!(rules.writes ?? []).includes(kind)) {
    const reason = `the agent may not write records of the kind ${kind}`;
    return { kind: "refused", reason };
  }
  const said = JSON.stringify(Object.values(proposal));
  const secret = scanSecrets(said, rules.knownSecrets)[0];
  if (secret !== undefined) {
    return { kind: "refused", reason: `it holds a secret (${secret.rule})` };
  }
  const judged = judge(proposal, rules, admitted);
  return judged.kind === "admitted" ? { ...judged, proposal } : judged;
}

function admittedMemory(
  { proposal, supersedes, ask }: Extract<JudgedProposal, { kind: "admitted" }>,
  rules: AdmissionRules,
  ordinal: number,
): AdmittedMemory {
  const { namespace, run, step, item, agent, asOf, trust } = rules;
  const { text: given, ...said } = proposal;
  const id = `mem_${shortDigest([namespace, proposal.kind, run, step, item, ordinal], 16)}`;
  const record = {
    id,
    ...said,
    source: { run, step, agent },
    trust,
    recordedAt: asOf,
    ...(supersedes.length > 0 && { supersedes: [...supersedes] }),
  };
  const text = given.trim();
  const path = memoryPath({ namespace, ...said, at: asOf, id });
  return { record, text, path, file: renderMemoryFile(record, text), ask };
}

/** What a refused proposal was about, as far as it can be said; the text comes from outside. */
function subjectOf(value: unknown, known: KnownSecrets): string {
  if (typeof value !== "object" || value === null || !("subject" in value)) return "unknown";
  const subject = typeof value.subject === "string" ? value.subject : "unknown";
  return scanSecrets(subject, known).length > 0 ? "unknown" : subject.slice(0, 120);
}
