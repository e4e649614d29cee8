/** Several records as one, in an agent's words: `merged` among its outputs, held against the clusters that it was given. */
import { shortDigest } from "#runner/core/identifier.ts";
import type { AdmissionRules, AdmittedMemory, RefusedMemory } from "./memory-admission.ts";
import { commonFields, type MemoryCluster } from "./memory-cluster.ts";
import { renderMemoryFile } from "./memory-file.ts";
import { isSameQuestion, known, whyRepeated, whyTooMuch } from "./memory-judgement.ts";
import { memoryPath } from "./memory-path.ts";
import { type MemoryProposal, readProposal } from "./memory-proposal.ts";
import { memoryDigest, wordsOf } from "./memory-text.ts";
import { whyForgotten } from "./memory-tombstone.ts";
import { redactStart, scanSecrets } from "#runner/core/secret-scan.ts";

interface MergeRules extends Omit<AdmissionRules, "writes" | "injected"> {
  readonly clusters: readonly MemoryCluster[];
}

interface Merges {
  readonly admitted: readonly AdmittedMemory[];
  readonly refused: readonly RefusedMemory[];
}

const LONGEST_REASON = 300;

/** An operator decides on each: until then its sources stand as they are. */
export function admitMerged(outputs: unknown, rules: MergeRules): Merges {
  const admitted: AdmittedMemory[] = [];
  const refused: RefusedMemory[] = [];
  for (const value of mergedIn(outputs)) {
    const judged = judgedMerge(value, rules, admitted);
    if (judged.kind === "admitted") {
      admitted.push(mergedMemory(judged, rules));
      continue;
    }
    const reason = redactStart(judged.reason, rules.knownSecrets, LONGEST_REASON);
    refused.push({ reason, subject: judged.cluster?.sources[0]?.record.subject ?? "unknown" });
  }
  return { admitted, refused };
}

function mergedIn(outputs: unknown): readonly unknown[] {
  if (typeof outputs !== "object" || outputs === null || !("merged" in outputs)) return [];
  return Array.isArray(outputs.merged) ? outputs.merged : [];
}

interface Fitting {
  readonly kind: "admitted";
  readonly cluster: MemoryCluster;
  readonly proposal: MemoryProposal;
}

type Judged =
  | Fitting
  | { readonly kind: "refused"; readonly reason: string; readonly cluster?: MemoryCluster };

function judgedMerge(
  value: unknown,
  rules: MergeRules,
  admitted: readonly AdmittedMemory[],
): Judged {
  const said = readMerge(value);
  if (typeof said === "string") return { kind: "refused", reason: said };
  const meant = clusterOf(said.supersedes, rules.clusters);
  if (typeof meant === "string") return { kind: "refused", reason: meant };
  const [first] = meant.sources;
  const { kind, subject } = first?.record ?? {};
  const { attribute } = commonFields(meant.sources);
  const proposal = readProposal({
    kind,
    subject,
    text: said.text,
    ...(attribute && { attribute }),
  });
  if (typeof proposal === "string") return { kind: "refused", reason: proposal, cluster: meant };
  const fitting = { kind: "admitted", cluster: meant, proposal } as const;
  const reason =
    whyNotSound(fitting, rules) ??
    whyTooMuch(proposal, rules, admitted) ??
    whyNotBeside(fitting, rules, admitted);
  return reason === undefined ? fitting : { kind: "refused", reason, cluster: meant };
}

interface Merge {
  readonly supersedes: readonly string[];
  readonly text: unknown;
}

function readMerge(value: unknown): Merge | string {
  if (typeof value !== "object" || value === null || !("supersedes" in value && "text" in value))
    return "it is not an object with supersedes and text";
  const { supersedes, text } = value;
  if (!Array.isArray(supersedes)) return "its supersedes is not a list";
  const ids = supersedes.filter((id) => typeof id === "string");
  return ids.length === supersedes.length
    ? { supersedes: ids, text }
    : "its supersedes names something that is no record";
}

/** The cluster whose sources these are, no more and no less; else what is wrong with them. */
function clusterOf(
  ids: readonly string[],
  clusters: readonly MemoryCluster[],
): MemoryCluster | string {
  const named = new Set(ids);
  const meant = clusters.find(({ sources }) => sources.some(({ id }) => named.has(id)));
  if (meant === undefined) return "it supersedes none of the records that the step was given";
  const own = new Set(meant.sources.map(({ id }) => id));
  const left = [...own.difference(named)];
  if (left.length > 0) return `it leaves out ${left.join(", ")}, which belongs to it`;
  const foreign = [...named.difference(own)];
  return foreign.length > 0 ? `it takes in ${foreign.join(", ")}, which does not belong` : meant;
}

/** What can be told of the text by itself and its sources. */
function whyNotSound({ cluster, proposal }: Fitting, rules: MergeRules): string | undefined {
  const { text } = proposal;
  const [secret] = scanSecrets(text, rules.knownSecrets);
  if (secret !== undefined) return `it holds a secret (${secret.rule})`;
  const said = numbersIn([text]);
  const given = numbersIn(cluster.sources.map((source) => source.text));
  const [lost] = given.difference(said);
  if (lost !== undefined) return `it loses ${lost}, which its sources say`;
  const [made] = said.difference(given);
  if (made !== undefined) return `it says ${made}, which none of its sources says`;
  const isUnwanted = rules.unwanted.has(cluster.digest) || rules.unwanted.has(memoryDigest(text));
  if (isUnwanted) return "an operator did not want it remembered";
  return whyForgotten(rules.forgotten, proposal);
}

/** Amounts, dates and counts: what a text in other words must neither lose nor make up. */
function numbersIn(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap(wordsOf).filter((word) => /\p{N}/u.test(word)));
}

/** What it is beside all other records, once its sources are gone. */
function whyNotBeside(
  { cluster, proposal }: Fitting,
  rules: MergeRules,
  admitted: readonly AdmittedMemory[],
): string | undefined {
  const beside = admitted.map((one) => ({ id: one.record.id, ...one, isProposed: true }));
  const standing = known({ ...rules, existing: [...rules.existing, ...beside] });
  const inForce = new Set(
    standing.filter(({ isRetracted }) => isRetracted !== true).map(({ id }) => id),
  );
  const gone = cluster.sources.find(({ id }) => !inForce.has(id));
  if (gone !== undefined) return `${gone.id} is replaced already, or something waits to replace it`;
  const own = new Set(cluster.sources.map(({ id }) => id));
  const others = standing.filter(({ id }) => !own.has(id));
  const rival = others.find(
    ({ record, isRetracted }) => isRetracted !== true && isSameQuestion(record, proposal),
  );
  if (rival !== undefined) return `${rival.id} answers that too, and is not among its sources`;
  return whyRepeated(proposal, others);
}

function mergedMemory({ cluster, proposal }: Fitting, rules: MergeRules): AdmittedMemory {
  const { namespace, run, step, item, agent, asOf, trust } = rules;
  const { kind, subject, text: given } = proposal;
  const ids = cluster.sources.map(({ id }) => id);
  const id = `mem_${shortDigest([namespace, cluster.digest, run, step, item], 16)}`;
  const common = commonFields(cluster.sources);
  const record = {
    id,
    kind,
    subject,
    ...common,
    source: { run, step, agent, evidence: ids },
    trust,
    recordedAt: asOf,
    supersedes: ids,
  };
  const text = given.trim();
  const path = memoryPath({ namespace, kind, subject, ...common, at: asOf, id });
  const outside = trust === "external" ? "; text from outside took part" : "";
  const why = `it takes the place of ${replacedBy(cluster)}${outside}`;
  const ask = { digest: cluster.digest, why };
  return { record, text, path, file: renderMemoryFile(record, text), ask };
}

const MOST_SHOWN = 5;
const BEGINNING = 100;

/** Whoever decides sees what would go beside what would stand instead. */
function replacedBy({ sources }: MemoryCluster): string {
  const shown = sources.slice(0, MOST_SHOWN).map(({ id, text }) => {
    const letters = Array.from(text.replaceAll(/\s+/gu, " "));
    const says = letters.slice(0, BEGINNING).join("");
    return `${id} (${says}${letters.length > BEGINNING ? "\u2026" : ""})`;
  });
  const more = sources.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
