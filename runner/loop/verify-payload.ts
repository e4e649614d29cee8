/** What the records cite of the payload branches: it is there and it is what it was, or it was taken away on record. */
import { digestOfBytes } from "#runner/core/canonical-json.ts";
import { burialOf } from "#runner/core/payload-tombstones.ts";
import type { Finding } from "#runner/core/verify/verify-finding.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Citation, PayloadTombstones } from "#runner/schema/types.gen.ts";
import { branchName, PAYLOAD_BRANCHES, STATE } from "#runner/core/ref-names.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { Eyes } from "./look.ts";
import { readPayloadBytes, stateAt } from "./state-files.ts";
import { type ChainCheck, citationKey } from "./verify-chain.ts";
import { parsedJson } from "./verify-read.ts";

export interface PayloadCheck {
  /** Blobs that were read and hashed. */
  readonly blobs: number;
  /** Blobs that retention or erasure took away, as a tombstone says. */
  readonly expired: number;
  readonly findings: readonly Finding[];
}

type Cited = Citation & { readonly where: string };
type State = "present" | "altered" | "missing";

const AT_ONCE = 256;

export async function verifyPayload(
  eyes: Eyes,
  chain: Pick<ChainCheck, "citations" | "openCitations">,
): Promise<PayloadCheck> {
  const buried = await readTombstones(eyes);
  const open = chain.openCitations();
  const all = [...chain.citations.values()];
  const findings: Finding[] = [];
  let [blobs, expired] = [0, 0];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE);
    const states = await Promise.all(some.map((cited) => stateOf(eyes, cited)));
    for (const [index, cited] of some.entries()) {
      const state = states[index] ?? "missing";
      const key = citationKey(cited);
      if (state !== "missing") blobs += 1;
      else if (wasTaken(buried, cited) && !open.has(key)) expired += 1;
      const finding = findingOf(eyes, {
        cited,
        state,
        isBuried: wasTaken(buried, cited),
        isOpen: open.has(key),
      });
      if (finding !== null) findings.push(finding);
    }
  }
  return { blobs, expired, findings };
}

async function stateOf({ store }: Eyes, cited: Cited): Promise<State> {
  const content = await readPayloadBytes(store.reader, cited);
  if (content === undefined) return "missing";
  return digestOfBytes(content) === cited.digest ? "present" : "altered";
}

interface Checked {
  readonly cited: Cited;
  readonly state: State;
  readonly isBuried: boolean;
  readonly isOpen: boolean;
}

function findingOf({ repository }: Eyes, checked: Checked): Finding | null {
  const { cited, state, isBuried, isOpen } = checked;
  const { where, digest, month } = cited;
  const what = `${digest} of ${branchName(PAYLOAD_BRANCHES)}${month}`;
  if (state === "present" || (state === "missing" && isBuried && !isOpen)) return null;
  if (state === "altered")
    return { rule: "payload", where, message: `${what} is not what was recorded` };
  if (isBuried)
    return { rule: "payload", where, message: `${what} was removed while it was needed` };
  const rule = repository.partial || repository.shallow ? "not-here" : "payload";
  return { rule, where, message: `${what} is missing, and no tombstone says why` };
}

type Tombstones = ReadonlyMap<string, PayloadTombstones>;

function wasTaken(buried: Tombstones, { month, digest }: Citation): boolean {
  const tombstones = buried.get(month);
  return tombstones !== undefined && burialOf(tombstones, digest) !== undefined;
}

async function readTombstones({ repository, store }: Eyes): Promise<Tombstones> {
  const tip = readRefs(repository).get(STATE);
  // A tip that cannot be read is a finding already.
  if (tip === undefined || (await store.reader.resolve(tip)) === undefined) return new Map();
  const files = stateAt(store.reader, tip);
  const buried = await Promise.all(
    (await files.list("tombstones")).map(async ({ name }) => {
      const value = parsedJson((await files.readText(`tombstones/${name}`)) ?? "")?.value;
      return records.payloadTombstones(value) ? [[value.month, value] as const] : [];
    }),
  );
  return new Map(buried.flat());
}
