/** What git shows of an open gate; facts only, no decision. */
import { agentName } from "#runner/core/agent-reference.ts";
import { forgeWord } from "#runner/core/forge/forge-word.ts";
import type {
  AgentVersion,
  GateFacts,
  ItemOnMain,
  OpenRun,
  Workspace,
} from "#runner/core/model.ts";
import { briefingFolder, briefingIndex } from "#runner/core/gate/briefing.ts";
import { branchRef } from "#runner/core/ref-names.ts";
import { isAgentStep, isAskStep, stepNamed } from "#runner/core/step-graph.ts";
import { checkAnswerFile } from "#runner/schema/answer-file.ts";
import { readDecision, readShownFile } from "#runner/schema/gate-file.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import type { GateItem, GateRecord } from "#runner/schema/types.gen.ts";
import { approverOf, strangerIn } from "./approver.ts";
import type { ObservedFrom } from "./observe.ts";
import { takenBack } from "./taken-back.ts";

type OnMain = NonNullable<GateFacts["onMain"]>;

type Sight = Pick<ObservedFrom, "repository" | "files" | "refs" | "workspace" | "pulls">;

export async function gateFacts(sight: Sight, gate: GateRecord, run: OpenRun): Promise<GateFacts> {
  const branchHead = sight.refs.get(branchRef(gate.branch)) ?? null;
  const onMain = await readOnMain(sight, gate, run);
  return {
    branchHead,
    onBranch: await readOnBranch(sight, gate, branchHead),
    onMain,
    takenBack: onMain === null ? await takenBack(sight, gate) : null,
    conflicts: onMain === null ? await conflictsOf(sight, gate) : [],
    remarkedBy: sight.pulls.get(gate.branch)?.remarkedBy ?? null,
    forge: await readForge(sight, gate, onMain),
  };
}

async function readOnMain(
  sight: Sight,
  gate: GateRecord,
  run: OpenRun,
): Promise<GateFacts["onMain"]> {
  const { reader } = sight.files;
  const { commit, settings } = sight.workspace;
  const record = await reader.readBlob(`${commit}:${gate.folder}/decision.md`);
  if (record === undefined) return leftOut(sight, gate);
  const operators = settings.operators.map(({ email }) => email);
  const history = { repository: sight.repository, reader };
  const deliverables = await readDeliverables(sight, gate);
  const edited = gate.deliverables.filter(({ path, blob }) => deliverables.get(path) !== blob);
  const paths = edited.map(({ path }) => path);
  const stranger = await strangerIn(history, { operators, commit, head: gate.head, paths });
  return {
    commit,
    approver:
      stranger === undefined ? await approverOf(history, { gate, operators, commit }) : stranger,
    says: readDecision(record.toString("utf8")),
    items: await readItems(sight, gate, run),
    deliverables,
  };
}

/** null: there is no pull request, or nobody answers. */
async function readForge(
  { pulls, files, workspace }: Sight,
  gate: GateRecord,
  onMain: GateFacts["onMain"],
): Promise<GateFacts["forge"]> {
  const pull = pulls.get(gate.branch);
  if (pull === undefined) return null;
  const { operators } = workspace.settings;
  const commits = [workspace.commit, pull.head] as const;
  const isOnMain = onMain === null ? null : await holdSame(files.reader, gate, commits);
  return forgeWord({ facts: pull, head: pull.head, isOnMain }, operators);
}

/** The decision and the files of a gate are in both commits as they are in the other. */
async function holdSame(
  reader: ObjectReader,
  { folder, claims }: GateRecord,
  [one, other]: readonly [string, string],
): Promise<boolean> {
  const same = await Promise.all(
    [folder, ...claims].map(async (path) => {
      const [here, there] = await Promise.all([
        reader.resolve(`${one}:${path}`),
        reader.resolve(`${other}:${path}`),
      ]);
      return here?.oid === there?.oid;
    }),
  );
  // Of a commit that is not in this clone nothing is known.
  return (await reader.readCommit(other)) !== undefined && same.every(Boolean);
}

/** The briefing is on main without it: whoever merged that has refused it. */
async function leftOut(sight: Sight, gate: GateRecord): Promise<GateFacts["onMain"]> {
  if (gate.briefing === undefined) return null;
  const { commit, settings } = sight.workspace;
  const { reader } = sight.files;
  const { id } = gate.briefing;
  if ((await reader.resolve(`${commit}:${briefingIndex(id)}`)) === undefined) return null;
  const operators = settings.operators.map(({ email }) => email);
  const { head, folder: about } = gate;
  const brought = { gate: { folder: briefingFolder(id), head, about }, operators, commit };
  return {
    commit,
    approver: await approverOf({ repository: sight.repository, reader }, brought),
    says: { decision: "rejected", note: `${id} was merged without it`, planDigest: "" },
    items: new Map(),
    deliverables: new Map(),
  };
}

/** null while nobody has committed on top of the proposal, and where that is not in this clone. */
async function readOnBranch(
  { files }: Sight,
  { folder, head }: GateRecord,
  branchHead: string | null,
): Promise<GateFacts["onBranch"]> {
  if (branchHead === null || branchHead === head) return null;
  const record = await files.reader.readBlob(`${branchHead}:${folder}/decision.md`);
  return record === undefined ? null : readDecision(record.toString("utf8"));
}

/** Files that stand on main otherwise than where the proposal began, and otherwise than proposed. */
async function conflictsOf({ files, workspace }: Sight, gate: GateRecord): Promise<string[]> {
  const base = (await files.reader.readCommit(gate.head))?.parents[0];
  if (base === undefined || base === workspace.commit) return [];
  const blobAt = async (commit: string, path: string): Promise<string | undefined> =>
    (await files.reader.resolve(`${commit}:${path}`))?.oid;
  const paths = await Promise.all(
    gate.deliverables.map(async ({ path, blob }) => {
      const [before, now] = await Promise.all([blobAt(base, path), blobAt(workspace.commit, path)]);
      return now === before || now === blob ? [] : [path];
    }),
  );
  return paths.flat();
}

async function readItems(
  sight: Pick<ObservedFrom, "files" | "workspace">,
  gate: GateRecord,
  run: OpenRun,
): Promise<OnMain["items"]> {
  const found = await Promise.all(
    gate.items.map(async (item) => {
      const name = `${sight.workspace.commit}:${item.path}`;
      const info = await sight.files.reader.resolve(name);
      const content = info === undefined ? undefined : await sight.files.reader.readBlob(info.oid);
      if (info === undefined || content === undefined) return undefined;
      const text = content.toString("utf8");
      const judged = await judgedFile(text, { item, gate, run, schemas: sight.workspace.schemas });
      return [item.path, { blob: info.oid, ...judged }] as const;
    }),
  );
  return new Map(found.filter((entry) => entry !== undefined));
}

interface ShownFile {
  readonly item: GateItem;
  readonly gate: GateRecord;
  readonly run: OpenRun;
  readonly schemas: Workspace["schemas"];
}

/** What stands there, and what is wrong with it. */
async function judgedFile(
  text: string,
  { item, gate, run, schemas }: ShownFile,
): Promise<Omit<ItemOnMain, "blob">> {
  const asking = stepNamed(run.pipeline, gate.step);
  if (gate.asks !== undefined && asking !== undefined && isAskStep(asking)) {
    return checkAnswerFile(text, asking.form);
  }
  const file = readShownFile(gate, text);
  return file.ok
    ? { outputs: file.outputs, problem: await problemOf(item, file.outputs, { run, schemas }) }
    : { outputs: null, problem: file.reason };
}

/** Why an edited item is not what its producer could have made; null when it is. */
async function problemOf(
  item: GateItem,
  outputs: unknown,
  { run, schemas }: { readonly run: OpenRun; readonly schemas: Workspace["schemas"] },
): Promise<string | null> {
  const agent = producerOf(item, run);
  if (agent === undefined) return null;
  const { compileAgentSchema } = await import("#runner/schema/agent-schema.ts");
  const schema = compileAgentSchema(agent.manifest.outputs, schemas);
  if (!schema.ok) return null;
  const valid = schema.validate(outputs);
  if (valid.ok) return null;
  const [error] = valid.errors;
  return error === undefined ? "is not valid" : `${error.path} ${error.message}`;
}

/** The agent that made an item of a list; its schema is what an edit must fit. */
function producerOf(item: GateItem, run: OpenRun): AgentVersion | undefined {
  const step = item.step === null ? undefined : stepNamed(run.pipeline, item.step);
  if (step === undefined || !isAgentStep(step) || item.key === null) return undefined;
  return run.agents.get(agentName(step.agent));
}

async function readDeliverables(
  sight: Pick<ObservedFrom, "files" | "workspace">,
  gate: GateRecord,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    gate.deliverables.map(async ({ path }) => {
      const info = await sight.files.reader.resolve(`${sight.workspace.commit}:${path}`);
      return info?.kind === "blob" ? ([path, info.oid] as const) : undefined;
    }),
  );
  return new Map(found.filter((entry) => entry !== undefined));
}
