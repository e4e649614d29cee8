/** Memory records on their way out of a workspace and into one. */
import { HOUR_MS } from "#runner/core/time/duration.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { renderMemoryFile, type StoredMemory, type StoredRecord } from "./memory-file.ts";
import { memoryPath } from "./memory-path.ts";
import { readProposal } from "./memory-proposal.ts";
import { memoryDigest, saysTheSame } from "./memory-text.ts";
import { type Forgotten, whyForgotten } from "./memory-tombstone.ts";
import { scanSecrets, type KnownSecrets } from "#runner/core/secret-scan.ts";

/** A record as it is exported; a file of records holds one a line. */
export function exportedMemory({ id, namespace, record, text }: StoredMemory): object {
  return { ...record, id, namespace, text };
}

export interface Incoming {
  readonly namespace: string;
  readonly record: StoredRecord;
  readonly text: string;
}

export interface Receiving {
  readonly known: readonly StoredMemory[];
  readonly forgotten: Forgotten;
  readonly secrets: KnownSecrets;
  readonly namespaces: ReadonlySet<string>;
  /** The operator vouches for what is said; else it is from outside. */
  readonly isTrusted: boolean;
  /** What says that it is pinned, is. */
  readonly keepsPins: boolean;
  /** Instant. */
  readonly at: string;
}

export interface Received {
  readonly files: readonly {
    readonly path: string;
    readonly content: string;
    readonly id: string;
  }[];
  readonly skipped: readonly { readonly about: string; readonly reason: string }[];
}

/** Each record as a file of its own; what is known, forgotten, secret or malformed is left out with a reason. */
export function receivedMemory(incoming: readonly Incoming[], receiving: Receiving): Received {
  const files: Received["files"][number][] = [];
  const skipped: Received["skipped"][number][] = [];
  const taken: Incoming[] = [];
  const ids = new Set(receiving.known.map(({ id }) => id));
  const paths = new Set(receiving.known.map(({ path }) => path));
  for (const given of incoming) {
    const one = { ...given, record: withoutClaims(given.record, receiving) };
    const id = one.record.id ?? idOf(one);
    const file = fileOf(one, id, receiving.at);
    const isTaken = ids.has(id) || paths.has(file.path);
    const reason = isTaken
      ? "it is here already"
      : (whyUnbelieved({ ...one, id }, receiving) ?? whySkipped(one, receiving, taken));
    if (reason !== undefined) {
      skipped.push({ about: one.record.subject.slice(0, 120), reason });
      continue;
    }
    ids.add(id);
    paths.add(file.path);
    taken.push(one);
    files.push(file);
  }
  return { files, skipped };
}

/** A file cannot vouch for itself, nor keep itself for ever. */
function withoutClaims(
  { pinned, trust, ...record }: StoredRecord,
  { isTrusted, keepsPins }: Pick<Receiving, "isTrusted" | "keepsPins">,
): StoredRecord {
  return {
    ...record,
    trust: isTrusted ? (trust ?? "operator") : "external",
    ...(keepsPins && pinned === true ? { pinned } : {}),
  };
}

function idOf({ namespace, record, text }: Incoming): string {
  const { kind, subject, attribute = "" } = record;
  return `mem_${shortDigest([namespace, kind, subject, attribute, memoryDigest(text)], 16)}`;
}

function fileOf(
  { namespace, record, text }: Incoming,
  id: string,
  at: string,
): Received["files"][number] {
  const recordedAt = record.recordedAt ?? at;
  const { kind, subject, attribute } = record;
  const path = memoryPath({ namespace, kind, subject, attribute, at: recordedAt, id });
  return { id, path, content: renderMemoryFile({ ...record, id, recordedAt }, text) };
}

/** What a file may not say of itself: that it is of later, that it is what was forgotten, that it does away with what is not its own. */
function whyUnbelieved(
  { id, namespace, record }: Incoming & { readonly id: string },
  { at, forgotten, known }: Receiving,
): string | undefined {
  if (forgotten.ids.has(id)) return "it was forgotten";
  // The clock of where it comes from may have been a little ahead.
  if (record.recordedAt !== undefined && record.recordedAt > addMs(at, HOUR_MS)) {
    return `it says that it was recorded at ${record.recordedAt}, which is yet to come`;
  }
  const replaced = new Set([...(record.supersedes ?? []), ...(record.retracts ?? [])]);
  const guarded = known.find(
    (one) => replaced.has(one.id) && (one.namespace !== namespace || one.record.pinned === true),
  );
  return guarded && `it replaces ${guarded.id}, which is pinned or another project's`;
}

function whySkipped(
  { namespace, record, text }: Incoming,
  receiving: Receiving,
  taken: readonly Incoming[],
): string | undefined {
  if (!receiving.namespaces.has(namespace)) return `there is no project ${namespace}`;
  const { kind, subject, attribute, confidence, validFrom, validTo } = record;
  const proposal = readProposal({ kind, subject, attribute, text, confidence, validFrom, validTo });
  if (typeof proposal === "string") return proposal;
  const [secret] = scanSecrets(`${JSON.stringify(record)}\n${text}`, receiving.secrets);
  if (secret !== undefined) return `it holds a secret (${secret.rule})`;
  const forgotten = whyForgotten(receiving.forgotten, { subject, text });
  if (forgotten !== undefined) return forgotten;
  // What replaces another record may read like it.
  const isReplacing = (record.supersedes ?? record.retracts ?? []).length > 0;
  const others: readonly Incoming[] = isReplacing ? [] : [...receiving.known, ...taken];
  const isSame = others.some(
    (other) =>
      other.namespace === namespace &&
      other.record.subject === subject &&
      saysTheSame(other.text, text),
  );
  return isSame ? "the same is remembered already" : undefined;
}
