/** Approvals and deliveries against what main holds. */
import { digestOf } from "#runner/core/canonical-json.ts";
import {
  type Approval,
  type ApprovalFacts,
  approvalProblems,
} from "#runner/core/verify/verify-approval.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import type { OperatorWord } from "#runner/core/verify/verify-prior.ts";
import type { Finding, VerifyRule } from "#runner/core/verify/verify-finding.ts";
import { commitsUpTo } from "#runner/repo/change-log.ts";
import { fetchedRef, MAIN } from "#runner/core/ref-names.ts";
import { rewrittenFrom } from "#runner/repo/rewrite-history.ts";
import { readRefs } from "#runner/repo/refs.ts";
import { readDecision, readShownFile } from "#runner/schema/gate-file.ts";
import type { Eyes } from "./look.ts";
import type { Delivery } from "./verify-chain.ts";

const SHORT = 10;

interface Claims {
  readonly approvals: readonly Approval[];
  readonly deliveries: readonly Delivery[];
  readonly words: readonly OperatorWord[];
  /** Blobs that a purge took from the history of main. */
  readonly purged: ReadonlySet<string>;
  /** What main held before rewrites that operators have accepted: what was done there was done on main. */
  readonly replaced: readonly string[];
}

export async function verifyMain(eyes: Eyes, claims: Claims): Promise<readonly Finding[]> {
  const { approvals, deliveries, words, purged, replaced } = claims;
  if (approvals.length + deliveries.length + words.length === 0) return [];
  const refs = readRefs(eyes.repository);
  // A clone's own main may be behind what was delivered to the origin's.
  const mains = [MAIN, fetchedRef(MAIN)].flatMap((ref) => refs.get(ref) ?? []);
  const kept = await existing(eyes, replaced);
  const commits = await commitsUpTo(eyes.repository, [...mains, ...kept]);
  const rewritten =
    purged.size === 0 ? new Map<string, string>() : await rewrittenFrom(eyes.repository, mains);
  const place: Place = { eyes, commits, rewritten, purged };
  const findings: Finding[] = [];
  for (const approval of approvals) findings.push(...(await approvalFindings(place, approval)));
  for (const delivery of deliveries) findings.push(...(await deliveryFindings(place, delivery)));
  for (const word of words) findings.push(...(await wordFindings(place, word)));
  return findings;
}

interface Place {
  readonly eyes: Eyes;
  /** Every commit of main in this clone, and of what it held before a rewrite that was accepted. */
  readonly commits: ReadonlySet<string>;
  /** What commits of before a purge are now. */
  readonly rewritten: ReadonlyMap<string, string>;
  readonly purged: ReadonlySet<string>;
}

function nowOf({ rewritten }: Pick<Place, "rewritten">, commit: string): string {
  return rewritten.get(commit) ?? commit;
}

async function approvalFindings(place: Place, approval: Approval): Promise<readonly Finding[]> {
  const { where, decision } = approval;
  const found = (message: string): Finding => ({ rule: "approval", where, message });
  if (decision.commit === null) return [found("it names no commit of main")];
  const commit = nowOf(place, decision.commit);
  const absent = await notOnMain(place, { rule: "approval", where, commit });
  if (absent !== null) return [absent];
  const shown = await approvalFacts(place.eyes, approval, commit);
  const facts = withPurged(shown, approval, place.purged);
  return approvalProblems(approval, facts).map(found);
}

/** What a purge took from the commit counts as it was recorded: nobody can look it up any more. */
function withPurged(
  facts: ApprovalFacts,
  { decision, gate }: Approval,
  purged: ReadonlySet<string>,
): ApprovalFacts {
  const isGone = (path: string, blob: string | null): blob is string =>
    blob !== null && purged.has(blob) && !facts.blobs.has(path);
  const files = Object.entries(decision.files).filter(([path, blob]) => isGone(path, blob));
  const items = gate.items.flatMap(({ path, show, key }) => {
    const item = decision.items.find((other) => other.show === show && other.key === key);
    return item !== undefined && isGone(path, item.blob) ? [{ path, ...item }] : [];
  });
  const itemBlobs = items.flatMap(({ path, blob }) =>
    blob === null ? [] : [[path, blob] as const],
  );
  return {
    ...facts,
    blobs: new Map([...facts.blobs, ...files, ...itemBlobs]),
    outputs: new Map([
      ...facts.outputs,
      ...items.map(({ path, outputs }) => [path, outputs.digest] as const),
    ]),
    // The record itself may have named somebody.
    decision: facts.decision === "" && items.length > 0 ? "approved" : facts.decision,
  };
}

interface MainClaim {
  readonly rule: VerifyRule;
  readonly where: string;
  readonly commit: string;
}

/** In a shallow clone, a commit that cannot be reached may be one that was not fetched. */
async function notOnMain(
  { eyes, commits }: Place,
  { rule, where, commit }: MainClaim,
): Promise<Finding | null> {
  if (commits.has(commit)) return null;
  const message = `commit ${commit} is not part of main`;
  if (eyes.repository.shallow) return { rule: "not-here", where, message };
  const [isHere] = await existing(eyes, [commit]);
  return {
    rule,
    where,
    message: isHere === undefined ? message : `${message}: ${backWords(commit)}`,
  };
}

/** Where main was rewritten and a tick went on with it, there is nothing to accept any more: git has the way back. */
function backWords(commit: string): string {
  const id = commit.slice(0, SHORT);
  return `git merge ${id} brings back what it holds, git merge -s ours ${id} its history alone`;
}

/** Those of the commits that this clone has. */
async function existing(
  { store: { reader } }: Eyes,
  commits: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    commits.map(async (commit) => ((await reader.resolve(`${commit}^{commit}`)) ? [commit] : [])),
  );
  return found.flat();
}

/** Where main was rewritten since, its operators of then are not known any more. */
async function wordFindings(place: Place, word: OperatorWord): Promise<Finding[]> {
  const { eyes, commits } = place;
  const { where, by } = word;
  const commit = nowOf(place, word.commit);
  const settings = commits.has(commit) ? await eyes.manifests.settingsAt(commit) : undefined;
  if (settings?.value === undefined || settings.value === null) return [];
  const operators = operatorsOf(settings.value);
  return by
    .filter((email) => !operators.includes(email))
    .map((email) => ({ rule: "approval", where, message: `${email} was not an operator` }));
}

async function approvalFacts(
  { store, manifests }: Eyes,
  { gate, decision }: Approval,
  commit: string,
): Promise<ApprovalFacts> {
  const { reader } = store;
  const paths = [...gate.items.map(({ path }) => path), ...Object.keys(decision.files)];
  const blobs = await blobsAt(store.reader, commit, paths);
  const outputs = await Promise.all(
    gate.items.map(async ({ path }): Promise<readonly (readonly [string, string])[]> => {
      const content = await reader.readBlob(`${commit}:${path}`);
      const file =
        content === undefined ? undefined : readShownFile(gate, content.toString("utf8"));
      return file?.ok === true ? [[path, digestOf(file.outputs)]] : [];
    }),
  );
  const record = await reader.readBlob(`${commit}:${gate.folder}/decision.md`);
  const settings = (await manifests.settingsAt(commit))?.value ?? null;
  return {
    blobs,
    outputs: new Map(outputs.flat()),
    decision: record === undefined ? "" : readDecision(record.toString("utf8")).decision,
    operators: settings === null ? null : operatorsOf(settings),
  };
}

async function blobsAt(
  reader: Eyes["store"]["reader"],
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    paths.map(async (path): Promise<readonly (readonly [string, string])[]> => {
      const info = await reader.resolve(`${commit}:${path}`);
      return info?.kind === "blob" ? [[path, info.oid]] : [];
    }),
  );
  return new Map(found.flat());
}

async function deliveryFindings(place: Place, delivery: Delivery): Promise<readonly Finding[]> {
  const { where, owned } = delivery;
  const commit = nowOf(place, delivery.commit);
  const absent = await notOnMain(place, { rule: "delivery", where, commit });
  if (absent !== null) return [absent];
  const blobs = await blobsAt(place.eyes.store.reader, commit, Object.keys(owned));
  return Object.entries(owned)
    .filter(([path, blob]) => blobs.get(path) !== blob)
    .filter(([path, blob]) => blobs.has(path) || !place.purged.has(blob))
    .map(([path]) => ({
      rule: "delivery",
      where,
      message: `${path} in commit ${commit} is not the recorded blob`,
    }));
}
