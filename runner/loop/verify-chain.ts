/** The commits of the state branch, one after the other: events, summaries, records. */
import { digestOf } from "#runner/core/canonical-json.ts";
import { NO_SUMMARIES, SummariesDraft } from "#runner/core/fold/fold.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { Summaries } from "#runner/core/model.ts";
import { isAssent } from "#runner/core/gate/settle-gate.ts";
import { gatePath, runPath } from "#runner/core/state-path.ts";
import type { Approval } from "#runner/core/verify/verify-approval.ts";
import { citationsOf, citationsOfEvent } from "#runner/core/verify/verify-citation.ts";
import { readEventFile } from "#runner/core/verify/verify-event.ts";
import type { Finding, VerifyRule } from "#runner/core/verify/verify-finding.ts";
import {
  folderOf,
  recordBefore,
  type StateRecord,
  type StateStep,
} from "#runner/core/verify/verify-record.ts";
import { type OperatorWord, priorProblems, wordOf } from "#runner/core/verify/verify-prior.ts";
import { stepFindings } from "#runner/core/verify/verify-step.ts";
import { summaryPaths, summaryText } from "#runner/core/verify/verify-summary.ts";
import * as schemas from "#runner/schema/record-validators.gen.js";
import type { Citation, GateDecision } from "#runner/schema/types.gen.ts";
import { accessTo, formatIn } from "./state-format.ts";
import type { Compacted } from "./compact.ts";
import { compactionFindings, withoutCompaction } from "./verify-compaction.ts";
import {
  type ChangedFile,
  kindOf,
  parsedJson,
  readStateRecord,
  summaryTextComplaint,
} from "./verify-read.ts";

export interface ReadCommit {
  readonly oid: string;
  readonly parents: readonly string[];
  readonly files: readonly ChangedFile[];
  /** What a compaction of the commit before makes of it; null where the commit is none. */
  readonly compacted: Compacted | "unreadable" | "not-here" | null;
}

/** Files that a delivery brought to main. */
export interface Delivery {
  readonly where: string;
  readonly commit: string;
  readonly owned: Readonly<Record<string, string>>;
}

/** Takes the commits in order; what they say of main and of payload is collected, to be checked there. */
export class ChainCheck {
  readonly findings: Finding[] = [];
  readonly approvals: Approval[] = [];
  readonly deliveries: Delivery[] = [];
  readonly words: OperatorWord[] = [];
  /** Blobs that a purge took from the history of main. */
  readonly purged = new Set<string>();
  /** What main held before rewrites that were accepted. */
  readonly replaced: string[] = [];
  /** By digest and month. */
  readonly citations = new Map<string, Citation & { readonly where: string }>();
  readonly counts = { commits: 0, events: 0, records: 0, summaries: 0 };
  #previous: string | null = null;
  #summaries: Summaries = NO_SUMMARIES;
  readonly #approved = new Set<string>();
  readonly #summaryTexts = new Map<string, string>();
  readonly #records = new Map<string, Map<string, StateRecord>>();
  readonly #closed = new Set<string>();
  #isBeyond = false;

  /** From here on a newer program has written: what its events add up to cannot be told. */
  get isBeyond(): boolean {
    return this.#isBeyond;
  }

  check(commit: ReadCommit): void {
    const { oid, parents } = commit;
    this.counts.commits += 1;
    this.#checkParents(oid, parents);
    const { files, findings } = withoutCompaction(commit);
    this.findings.push(...findings);
    for (const { path, mode, text } of files) {
      if (text !== null && mode !== "100644")
        this.#find("record", `${oid}:${path}`, `its mode is ${mode}`);
    }
    const byKind = Map.groupBy(files, ({ path }) => kindOf(path));
    this.#checkFormat(oid, byKind.get("format") ?? []);
    if (this.#isBeyond) return;
    const events = this.#readEvents(oid, byKind.get("event") ?? []);
    this.#checkSummaries(oid, events, byKind.get("summary") ?? []);
    this.findings.push(...compactionFindings(oid, this.#previous, events));
    this.#checkRecords(oid, events, byKind.get("record") ?? []);
    this.#previous = oid;
  }

  /** Citations of work that still goes on: retention must not touch them. */
  openCitations(): ReadonlySet<string> {
    const records = [...this.#records.values()].flatMap((folder) => [...folder.values()]);
    const pending = [...this.#summaries.projects.values()].flatMap((live) => live.pending);
    const cited = [...records.flatMap(citationsOf), ...pending.map(({ content }) => content)];
    return new Set(cited.map(citationKey));
  }

  #find(rule: VerifyRule, where: string, message: string): void {
    this.findings.push({ rule, where, message });
  }

  #checkParents(oid: string, parents: readonly string[]): void {
    const expected = this.#previous === null ? [] : [this.#previous];
    if (parents.join(" ") === expected.join(" ")) return;
    this.#find(
      "chain",
      oid,
      `its parents are ${parents.join(", ") || "none"}, not ${expected.join("") || "none"}`,
    );
  }

  #checkFormat(oid: string, files: readonly ChangedFile[]): void {
    const isFirst = this.#previous === null;
    if (isFirst && files.length === 0) this.#find("format", oid, "format.json is missing");
    for (const { path, text } of files) this.#checkFormatFile(`${oid}:${path}`, text ?? "");
  }

  #checkFormatFile(where: string, text: string): void {
    const found = formatIn(text);
    const access = accessTo(found);
    if (access === "read-only") {
      this.#isBeyond = true;
      const message = `format ${found?.format} was written by a newer fettle: upgrade to verify it`;
      this.#find("newer-format", where, message);
    } else if (access === "none" || !schemas.format(parsedJson(text)?.value)) {
      this.#find("format", where, "this version cannot read this format");
    } else if (this.#previous !== null) {
      this.#find("unnamed-change", where, "the format changed on the way");
    }
  }

  #readEvents(oid: string, files: readonly ChangedFile[]): readonly LedgerEvent[] {
    const [file] = files;
    if (file === undefined || files.length > 1 || file.text === null) {
      const message = `it changes ${files.length} event files; every commit adds exactly one`;
      this.#find("event", oid, message);
      return [];
    }
    const read = readEventFile(file.path, file.text);
    if (read.ok) {
      this.counts.events += read.events.length;
      return read.events;
    }
    this.#find("event", `${oid}:${file.path}`, read.reason);
    return [];
  }

  #checkSummaries(
    oid: string,
    events: readonly LedgerEvent[],
    files: readonly ChangedFile[],
  ): void {
    for (const { path, text } of files) this.#checkSchema(oid, path, text);
    const before = this.#summaries;
    this.#summaries = this.#folded(oid, events);
    const paths = new Set([
      ...summaryPaths(before, this.#summaries),
      ...files.map(({ path }) => path),
    ]);
    for (const path of paths) {
      this.counts.summaries += 1;
      const found = this.#summaryTexts.get(path) ?? null;
      if (found === summaryText(this.#summaries, path)) continue;
      this.#find("summary", `${oid}:${path}`, "it is not what the events add up to");
    }
  }

  #checkSchema(oid: string, path: string, text: string | null): void {
    if (text === null) {
      this.#summaryTexts.delete(path);
      return;
    }
    this.#summaryTexts.set(path, text);
    const complaint = summaryTextComplaint(path, text);
    if (complaint !== null) this.#find("record-schema", `${oid}:${path}`, complaint);
  }

  /** Events have no schema of their own: one with a missing part shows here, and is a finding, not a crash. */
  #folded(oid: string, events: readonly LedgerEvent[]): Summaries {
    try {
      const draft = new SummariesDraft(this.#summaries);
      for (const event of events) {
        for (const message of priorProblems(draft, event)) this.#find("event", oid, message);
        draft.fold(event);
      }
      return draft.done();
    } catch (error) {
      this.#find("event", oid, `its events cannot be folded: ${String(error)}`);
      return this.#summaries;
    }
  }

  #checkRecords(oid: string, events: readonly LedgerEvent[], files: readonly ChangedFile[]): void {
    const changed = new Map<string, StateRecord | null>();
    for (const { path, text } of files) {
      this.counts.records += 1;
      changed.set(path, text === null ? null : this.#read(oid, path, text));
    }
    const step: StateStep = { events, before: this.#records, changed };
    this.findings.push(...stepFindings(oid, step));
    this.#checkOnce(oid, events);
    this.#collect(oid, step);
    for (const [path, record] of changed) this.#remember(path, record);
  }

  #read(oid: string, path: string, text: string): StateRecord {
    const { record, findings } = readStateRecord(path, text, `${oid}:${path}`);
    this.findings.push(...findings);
    return record;
  }

  /** The id of a run names its slot: it starts once and ends once. */
  #checkOnce(oid: string, events: readonly LedgerEvent[]): void {
    for (const event of events) {
      if (event.kind !== "run-started" && event.kind !== "run-finished") continue;
      if (this.#closed.has(event.run))
        this.#find("record", oid, `run ${event.run} had ended already`);
      if (event.kind === "run-finished") this.#closed.add(event.run);
    }
  }

  #collect(oid: string, step: StateStep): void {
    for (const [path, record] of step.changed) {
      if (record === null) continue;
      this.#cite(`${oid}:${path}`, citationsOf(record));
      if (record.kind === "decision") this.#collectApproval(`${oid}:${path}`, step, record.value);
    }
    for (const event of step.events) {
      this.#cite(oid, citationsOfEvent(event));
      const word = wordOf(oid, event);
      if (word !== null) this.words.push(word);
      for (const blob of purgedBy(event)) this.purged.add(blob);
      if (event.kind === "rewrite-accepted") this.replaced.push(event.from);
      if (event.kind === "edits-adopted") {
        const kept = event.edits.flatMap(({ path, to }) =>
          to === null ? [] : [[path, to] as const],
        );
        const owned = Object.fromEntries(kept);
        this.deliveries.push({ where: oid, commit: event.commit, owned });
      }
      if (event.kind !== "files-delivered") continue;
      this.deliveries.push({ where: oid, commit: event.commit, owned: event.owned });
    }
  }

  #collectApproval(where: string, step: StateStep, decision: GateDecision): void {
    if (!isAssent(decision.decision)) return;
    this.#checkKept(where, step, decision);
    this.#approved.add(approvalKey(decision.run, decision));
    if (decision.via !== "merge") return;
    const open = recordBefore(step, gatePath(decision.gate ?? ""));
    if (open?.kind === "gate") this.approvals.push({ where, gate: open.value, decision });
  }

  /** What was approved in an earlier run is taken over as it was, by the run that tries that one once more. */
  #checkKept(where: string, step: StateStep, decision: GateDecision): void {
    if (decision.via !== "earlier-run") return;
    const run = recordBefore(step, runPath(decision.run));
    const before = run?.kind === "run" ? (run.value.retryOf?.run ?? "") : "";
    if (this.#approved.has(approvalKey(before, decision))) return;
    this.#find("approval", where, "the earlier run has no such approval");
  }

  #cite(where: string, citations: readonly Citation[]): void {
    for (const citation of citations) {
      const key = citationKey(citation);
      if (!this.citations.has(key)) this.citations.set(key, { ...citation, where });
    }
  }

  #remember(path: string, record: StateRecord | null): void {
    if (record?.kind === "closed-run") return;
    const name = folderOf(path);
    const folder = this.#records.get(name) ?? new Map<string, StateRecord>();
    if (record === null) folder.delete(path);
    else folder.set(path, record);
    if (folder.size > 0) this.#records.set(name, folder);
    else this.#records.delete(name);
  }
}

/** Names what was approved, by whom and where. */
function approvalKey(run: string, { step, by, commit, items }: GateDecision): string {
  return digestOf({ run, step, by, commit, items });
}

export function citationKey({ digest, month }: Citation): string {
  return `${month} ${digest}`;
}

/** What the history of main does not hold any more, because it must be forgotten. */
function purgedBy(event: LedgerEvent): readonly string[] {
  return event.kind === "rewrite-accepted" ? (event.purged ?? []) : [];
}
