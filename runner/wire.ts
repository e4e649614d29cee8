/** Reads the environment and builds what the verbs act with; nothing else does. */
import { fstatSync, mkdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shortDigest } from "./core/identifier.ts";
import type { Workspace } from "./core/model.ts";
import type { ProgressEvent } from "./core/progress-event.ts";
import type { Engine } from "./loop/engine.ts";
import type { LaneTools } from "./loop/execute-lane.ts";
import { ManifestReader } from "./loop/manifests.ts";
import type { PricesRead } from "./loop/price-table.ts";
import { RUNNER_AUTHOR } from "./loop/runner-identity.ts";
import { Cache } from "./repo/cache.ts";
import type { ObjectReader } from "./repo/object-reader.ts";
import { openRepository, type NotOpened } from "./repo/repository.ts";
import { StateStore } from "./repo/state-store.ts";
import type { ForgePlace } from "./core/forge/forge-place.ts";
import { githubForge } from "./forge/github.ts";
import type { Forge } from "./forge/port.ts";
import { ForgeDesk, type ForgeAccess } from "./loop/forge-desk.ts";
import { msUntil } from "./core/time/instant.ts";
import { briefingProposal, proposalText } from "./report/proposal-text.ts";
import { notifier } from "./notify/notifier.ts";
import { briefingText } from "./report/briefing-text.ts";
import { dashboardText } from "./report/dashboard-text.ts";
import { decisionText } from "./report/decision-text.ts";
import type { Look } from "./report/look.ts";
import type { LanceLoad } from "./retrieval/lance-library.ts";
import type { Result } from "./runtimes/invocation.ts";
import type { GatewayOptions } from "./gateway/options.ts";
import type { OpenDoor } from "./runtimes/model-door.ts";
import type { PriceTable } from "./schema/types.gen.ts";

/** The streams and the environment of this process; a stream is opened when it is asked about, which takes a while. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** In which it was started. */
  readonly folder: string;
  /** Whether progress can be drawn on standard error. */
  readonly isTerminal: boolean;
  readonly columns: number;
}

export function surroundings(): Surroundings {
  const environment = withToken(process.env);
  return {
    environment,
    get folder() {
      return process.cwd();
    },
    get isTerminal() {
      return environment["TERM"] !== "dumb" && isTerminal(2);
    },
    get columns() {
      return isTerminal(1) ? process.stdout.columns : 80;
    },
  };
}

/** In a job of GitHub Actions the token of the forge opens its git, too: it goes to git alone, and into no file. */
function withToken(environment: Surroundings["environment"]): Surroundings["environment"] {
  const { FETTLE_FORGE_TOKEN: token = "", GITHUB_SERVER_URL: server = "https://github.com" } =
    environment;
  const isJob = environment["GITHUB_ACTIONS"] === "true";
  if (!isJob || token === "" || environment["GIT_CONFIG_COUNT"] !== undefined) return environment;
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return {
    ...environment,
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${server}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
  };
}

/** Asks a stream, which has to be opened for it, only where the device may be a terminal. */
export function isTerminal(channel: 1 | 2): boolean {
  const output = fstatSync(channel);
  const isNull = output.rdev === statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
  if (!output.isCharacterDevice() || isNull) return false;
  return channel === 1 ? process.stdout.isTTY : process.stderr.isTTY;
}

/** How output looks: colour only on a terminal, NO_COLOR and FORCE_COLOR honoured, ASCII where UTF-8 is not to be had. */
export function lookOf(
  { environment, columns }: Pick<Surroundings, "environment" | "columns">,
  options: { readonly verbose: boolean; readonly now: string; readonly isTerminal: boolean },
): Look {
  const locale = environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "";
  const forced = environment["FORCE_COLOR"];
  const wanted = forced === undefined ? options.isTerminal : forced !== "0";
  return {
    width: columns,
    isNarrow: options.isTerminal,
    color: wanted && !environment["NO_COLOR"] && environment["TERM"] !== "dumb",
    ascii: environment["TERM"] === "dumb" || !/utf-?8/i.test(locale),
    verbose: options.verbose,
    now: options.now,
  };
}

/** The present instant, later at every call; FETTLE_NOW sets where it starts, for rehearsals and tests. */
export function clockOf({ environment }: Surroundings): () => string {
  const start = environment["FETTLE_NOW"];
  const shift = start === undefined ? 0 : Date.parse(start) - Date.now();
  let last = 0;
  return () => {
    last = Math.max(Date.now() + shift, last + 1);
    return new Date(last).toISOString();
  };
}

export type EngineOpened = { readonly kind: "opened"; readonly engine: Engine } | NotOpened;

export interface EngineOptions {
  /** Folder to start from. */
  readonly start: string;
  readonly clock: () => string;
  readonly onProgress: (event: ProgressEvent) => void;
  /** A repository without a work tree will do. */
  readonly allowBare?: boolean;
  /** Steps are executed elsewhere, and claimed under this name. */
  readonly workingAs?: string;
}

export async function openEngine(
  around: Surroundings,
  options: EngineOptions,
): Promise<EngineOpened> {
  const { environment } = around;
  const { start, allowBare = false, workingAs } = options;
  const opened = await openRepository({ start, environment, allowBare });
  if (opened.kind !== "opened") return opened;
  const repository =
    workingAs === undefined ? opened.repository : { ...opened.repository, workingAs };
  const store = new StateStore({ repository, author: RUNNER_AUTHOR });
  const workRoot = join(
    environment["TMPDIR"] ?? tmpdir(),
    `fettle-${shortDigest(repository.commonDir, 12)}`,
  );
  const cache = new Cache(join(repository.fettleDir, "cache"));
  const manifests = new ManifestReader(store.reader, cache);
  const openDoor = doorWith({ clock: options.clock, prices: ofCommits(store.reader) });
  return {
    kind: "opened",
    engine: {
      repository,
      store,
      cache,
      manifests,
      clock: options.clock,
      workRoot,
      execute: executor({ environment, workRoot, openDoor }),
      openDoor,
      ...(workingAs === undefined ? {} : { elsewhere }),
      loadLance,
      briefingProposal,
      briefingText,
      dashboardText,
      decisionText,
      proposalText,
      forge: new ForgeDesk(forgeAccess(environment, options.clock), cache),
      notifier,
      onProgress: options.onProgress,
      secretValues: (workspace) => secretsOf(workspace, environment),
    },
  };
}

/** Its native part reads the environment when it loads, and would tell of every search on standard error. */
async function loadLance(): Promise<LanceLoad> {
  process.env["LANCE_LOG"] ??= "error";
  return (await import("./retrieval/lance-library.ts")).loadLance();
}

/** How long one request waits for a limit of the forge; the next tick goes on from there. */
const FORGE_PATIENCE_MS = 60_000;

/** The token of whoever runs this, and where GitHub says that its API is. */
function forgeAccess(environment: Surroundings["environment"], clock: () => string): ForgeAccess {
  const token = environment["FETTLE_FORGE_TOKEN"] || environment["GITHUB_TOKEN"] || null;
  const around = { patienceMs: FORGE_PATIENCE_MS, nowMs: () => msUntil(clock(), 0) };
  return {
    isHeld: token !== null,
    api: environment["GITHUB_API_URL"] ?? null,
    open: (place) =>
      token === null ? null : githubForge({ ...place, ...around, token, pacing: "as-asked" }),
  };
}

/** The forge alone, for whoever has no repository; null where no token is held. */
export function openForge(
  { environment }: Surroundings,
  { clock, place }: { readonly clock: () => string; readonly place: ForgePlace },
): Forge | null {
  return forgeAccess(environment, clock).open(place);
}

interface Workshop {
  readonly environment: Surroundings["environment"];
  readonly workRoot: string;
  readonly openDoor: OpenDoor;
}

interface Gatehouse {
  readonly clock: () => string;
  readonly prices: () => Promise<PricesAt>;
}

type PricesAt = (commit: string) => Promise<PricesRead>;

const PROGRAM_FOLDER = join(import.meta.dirname, "..");

function ofCommits(reader: ObjectReader): Gatehouse["prices"] {
  return async () => {
    const { PriceShelf } = await import("./loop/price-table.ts");
    const shelf = new PriceShelf(reader, PROGRAM_FOLDER);
    return (commit) => shelf.at(commit);
  };
}

const elsewhere: NonNullable<Engine["elsewhere"]> = async (invocation, place) => {
  const { laneAnswer } = await import("./runtimes/lane-answer.ts");
  return laneAnswer(invocation, place);
};

/** What a lane acts with: no repository. */
export async function openLane(
  { environment }: Surroundings,
  { clock, prices }: { readonly clock: () => string; readonly prices: PriceTable | undefined },
): Promise<LaneTools> {
  const [{ writeLaneResult: tell }, { pricesOf }] = await Promise.all([
    import("./runtimes/lane-result.ts"),
    import("./loop/price-table.ts"),
  ]);
  const workRoot = join(environment["TMPDIR"] ?? tmpdir(), `fettle-lane-${process.pid}`);
  const read = pricesOf(prices);
  const inForce = (): Promise<PricesAt> => Promise.resolve(() => Promise.resolve(read));
  const openDoor = doorWith({ clock, prices: inForce });
  const execute = executor({ environment, workRoot, openDoor });
  return { execute, tell, clock, environment };
}

/** The runtimes load with the first step that is executed, the way to models with the first that asks one. */
function executor({ environment, workRoot, openDoor }: Workshop): Engine["execute"] {
  return async (invocation, signal, hearing): Promise<Result> => {
    const [{ execute }, { engineEnvironment }] = await Promise.all([
      import("./runtimes/execute.ts"),
      import("./runtimes/container-engine.ts"),
    ]);
    mkdirSync(workRoot, { recursive: true, mode: 0o700 });
    return execute(invocation, {
      signal,
      ...hearing,
      workRoot,
      openDoor,
      programPath: environment["PATH"] ?? "/usr/bin:/bin",
      engineEnvironment: engineEnvironment(environment),
    });
  };
}

function doorWith({ prices, clock }: Gatehouse): OpenDoor {
  let opening: Promise<OpenDoor> | null = null;
  const load = async (): Promise<OpenDoor> => {
    const [{ openGateway }, { doorOpener }, { TokenSamples }, inForce] = await Promise.all([
      import("./gateway/gateway.ts"),
      import("./loop/open-door.ts"),
      import("./loop/token-samples.ts"),
      prices(),
    ]);
    const samples = new TokenSamples();
    const bytesPerToken: GatewayOptions["bytesPerToken"] = (provider, model) =>
      samples.bytesPerToken(provider, model);
    const gateway = openGateway({ bytesPerToken });
    return doorOpener({ gateway, samples, prices: inForce, clock });
  };
  return async (guest, asked) => {
    opening ??= load();
    return (await opening)(guest, asked);
  };
}

function secretsOf(
  { settings }: Workspace,
  environment: Surroundings["environment"],
): Readonly<Record<string, string>> {
  const found = Object.entries(settings.secrets ?? {}).flatMap(([name, { env }]) => {
    const value = environment[env];
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}
