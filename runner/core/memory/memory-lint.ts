/** What is wrong with memory as a whole: records that contradict each other, say the same twice, or name what is not there. */
import { contradictions } from "./memory-contradiction.ts";
import type { StoredMemory } from "./memory-file.ts";
import type { MemoryStanding } from "./memory-standing.ts";
import { saysTheSame } from "./memory-text.ts";
import { scanSecrets } from "#runner/core/secret-scan.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

export interface MemoryFinding {
  readonly severity: "error" | "warning";
  readonly rule: "contradiction" | "same-id" | "secret" | "repeat" | "dangling" | "cited-not-given";
  /** Records that it is about. */
  readonly ids: readonly string[];
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

interface Standing extends StoredMemory {
  readonly standing: MemoryStanding;
}

/** Errors first, then by path. */
export function lintMemory(
  records: readonly Standing[],
  attempts: readonly AttemptRecord[],
): readonly MemoryFinding[] {
  const active = records.filter(({ standing }) => standing.kind === "active");
  const found = [
    ...contradictions(active).map(contradictionFinding),
    ...sameIds(records),
    ...records.flatMap(secretIn),
    ...repeats(active),
    ...dangling(records),
    ...attempts.flatMap(notGiven),
  ];
  return found.toSorted(bySeverity);
}

function bySeverity(a: MemoryFinding, b: MemoryFinding): number {
  if (a.severity !== b.severity) return a.severity === "error" ? -1 : 1;
  return `${a.path}\0${a.rule}` < `${b.path}\0${b.rule}` ? -1 : 1;
}

function contradictionFinding(records: readonly StoredMemory[]): MemoryFinding {
  const [first, ...others] = records.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const { subject = "", attribute = "" } = first?.record ?? {};
  return {
    severity: "error",
    rule: "contradiction",
    ids: records.map(({ id }) => id),
    path: first?.path ?? "",
    message: `${subject} has ${records.length} answers to ${attribute}: ${listOf(records)}`,
    hint: `fettle memory retract ${others[0]?.id ?? ""} --reason "…", or supersede one by the other`,
  };
}

function listOf(records: readonly StoredMemory[]): string {
  return records.map(({ id }) => id).join(", ");
}

function sameIds(records: readonly StoredMemory[]): readonly MemoryFinding[] {
  return [...Map.groupBy(records, ({ id }) => id)]
    .filter(([, same]) => same.length > 1)
    .map(([id, same]) => ({
      severity: "error",
      rule: "same-id",
      ids: [id],
      path: same[0]?.path ?? "",
      message: `${id} is the id of ${same.map(({ path }) => path).join(" and ")}`,
      hint: "leave the id out of the newer file: it follows from the path",
    }));
}

function secretIn({ id, path, record, text }: StoredMemory): readonly MemoryFinding[] {
  const [secret] = scanSecrets(`${JSON.stringify(record)}\n${text}`, {});
  if (secret === undefined) return [];
  const message = `it holds a secret (${secret.rule})`;
  const hint = `revoke it, then fettle memory forget ${id} --reason "a secret"`;
  return [{ severity: "error", rule: "secret", ids: [id], path, message, hint }];
}

/** Looked for among records of one namespace and subject: what is said of two clients may read alike. */
function repeats(active: readonly StoredMemory[]): readonly MemoryFinding[] {
  const groups = Map.groupBy(active, ({ namespace, record }) => `${namespace}\0${record.subject}`);
  return [...groups.values()].flatMap((group) =>
    group.flatMap((memory, at) =>
      group
        .slice(at + 1)
        .filter((other) => saysTheSame(memory.text, other.text))
        .map((other) => repeatFinding(memory, other)),
    ),
  );
}

function repeatFinding(memory: StoredMemory, other: StoredMemory): MemoryFinding {
  return {
    severity: "warning",
    rule: "repeat",
    ids: [memory.id, other.id],
    path: memory.path,
    message: `${memory.id} and ${other.id} say nearly the same`,
    hint: `fettle memory consolidate, or fettle memory retract ${other.id} --reason "said twice"`,
  };
}

function dangling(records: readonly StoredMemory[]): readonly MemoryFinding[] {
  const known = new Set(records.map(({ id }) => id));
  return records.flatMap(({ id, path, record }) => {
    const named = [...(record.supersedes ?? []), ...(record.retracts ?? [])];
    const gone = named.filter((other) => !known.has(other));
    if (gone.length === 0) return [];
    const message = `it names ${gone.join(", ")}, which is not there`;
    const hint = "a record that was forgotten or pruned; git log main -- memory   tells when";
    return [{ severity: "warning", rule: "dangling", ids: [id], path, message, hint }];
  });
}

function notGiven({ run, step, item, memory }: AttemptRecord): readonly MemoryFinding[] {
  const { notGiven: names = [] } = memory;
  if (names.length === 0) return [];
  const where = `${run}/${step}${item === null ? "" : `[${item}]`}`;
  const message = `${where} cites ${names.join(", ")}, which it was not given`;
  const hint = `fettle explain ${where}`;
  return [{ severity: "warning", rule: "cited-not-given", ids: [], path: "", message, hint }];
}
