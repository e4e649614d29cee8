/** A small company in a real repository; the test plays its agents and holds its clock. */
import { execFileSync } from "node:child_process";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import { follow } from "#runner/loop/follow-authority.ts";
import type { Engine } from "#runner/loop/engine.ts";
import type { ProgressEvent } from "#runner/core/progress-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { ForgeDesk, type ForgeAccess } from "#runner/loop/forge-desk.ts";
import { look, type Seen } from "#runner/loop/look.ts";
import { bookRequest } from "#runner/loop/request.ts";
import type { Tick } from "#runner/loop/tick-end.ts";
import { verify, type Verification } from "#runner/loop/verify.ts";
import { reconcile } from "#runner/reconcile.ts";
import { lockRepository } from "#runner/repo/lock.ts";
import { recover } from "#runner/repo/recovery.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type {
  ClosedRun,
  GateRecord,
  RequestRecord,
  RetryRequest,
} from "#runner/schema/types.gen.ts";
import { openEngine } from "#runner/wire.ts";
import type { FileTexts, TestRepository } from "./git-repo.ts";
import { ENVIRONMENT, makeFolder, makeRepository } from "./git-repo.ts";

export const ADA = "ada@northwind.example";

/** What an agent does; what it leaves out is as in a plain success. */
export type Play = (
  invocation: Invocation,
  signal: AbortSignal,
  save?: (checkpoints: Checkpoints) => void,
) => Partial<Result> | Promise<Partial<Result>>;

export interface Casting {
  readonly files: FileTexts;
  /** By agent name; an agent without one is executed for real. */
  readonly plays?: Readonly<Record<string, Play>>;
  readonly now?: string;
  /** Takes the place of a fresh repository. */
  readonly operator?: TestRepository;
}

const PLAIN: Result = {
  outcome: "succeeded",
  reason: "",
  outputs: {},
  files: [],
  memory: [],
  rationale: "",
  rung: "command",
  ms: 1,
  started: true,
  log: "",
};

export class Rehearsal {
  readonly operator: TestRepository;
  /** What was told while ticks went on. */
  readonly told: ProgressEvent[] = [];
  readonly plays: Record<string, Play>;
  /** What the played agents were asked to do, in order. */
  readonly calls: Invocation[] = [];
  environment: Readonly<Record<string, string>>;
  heartbeatMs: number | undefined;
  /** How the forge is reached; as the environment says where it is left out. */
  forge: ForgeAccess | undefined;
  #now: string;

  constructor({ files, plays = {}, now = "2026-03-02T09:00:00.000Z", operator }: Casting) {
    this.operator = operator ?? makeRepository();
    this.operator.git("config", "user.email", ADA);
    this.operator.git("config", "user.name", "Ada");
    if (Object.keys(files).length > 0) this.operator.commit(files, "Start the company");
    this.plays = { ...plays };
    this.environment = { ...ENVIRONMENT, TMPDIR: makeFolder() };
    this.#now = now;
  }

  /** Moves the clock ahead, by a duration such as `14d`. */
  pass(duration: string): void {
    this.#now = addMs(this.#now, durationMs(duration));
  }

  /** Sets the clock to an instant. */
  travel(instant: string): void {
    this.#now = instant;
  }

  /** `fettle reconcile`. */
  tick(signal: AbortSignal = new AbortController().signal): Promise<Tick> {
    return this.write((engine) => reconcile(engine, signal));
  }

  /** Works in the repository as the runner does: under the lock, after a recovery. */
  write<Value>(work: (engine: Engine) => Promise<Value>): Promise<Value> {
    return this.read(async (engine) => {
      const locked = lockRepository(engine.repository, { pid: process.pid, since: Date.now() });
      if (locked.kind === "held") throw new Error("another fettle is at work");
      try {
        await recover(engine.repository, { holder: locked.previous });
        engine.store.refresh();
        return await work(engine);
      } finally {
        locked.lock.release();
      }
    });
  }

  async read<Value>(work: (engine: Engine) => Promise<Value>): Promise<Value> {
    const { environment } = this;
    const around = { environment, folder: this.operator.path, isTerminal: false, columns: 80 };
    const clock = (): string => {
      this.#now = addMs(this.#now, 1);
      return this.#now;
    };
    const start = this.operator.path;
    const opened = await openEngine(around, {
      start,
      clock,
      onProgress: (event) => this.told.push(event),
    });
    if (opened.kind !== "opened") throw new Error(`${start}: ${opened.kind}`);
    const { engine } = opened;
    const execute: Engine["execute"] = (invocation, signal, hearing) => {
      const play = this.plays[invocation.agent.name];
      return play === undefined
        ? engine.execute(invocation, signal, hearing)
        : this.#perform(play, invocation, [signal, hearing.save]);
    };
    try {
      return await work({
        ...engine,
        execute,
        ...(this.forge !== undefined && { forge: new ForgeDesk(this.forge, engine.cache) }),
        ...(this.heartbeatMs !== undefined && { heartbeatMs: this.heartbeatMs }),
      });
    } finally {
      await engine.store.close();
    }
  }

  /** Desired and observed state, all of it. */
  look(): Promise<Seen> {
    return this.read((engine) => look(engine));
  }

  /** `fettle run <project>/<pipeline>`. */
  async request(pipeline: string, params: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const [project = "", name = ""] = pipeline.split("/");
    const kind = { kind: "run", project, pipeline: name, params } as const;
    await this.#book((at) => ({ id: `run-${shortDigest(at, 12)}`, by: ADA, at, ...kind }));
  }

  /** `fettle reject <gate>`. */
  async reject(gate: string, reason: string, more: { readonly retry?: true } = {}): Promise<void> {
    const kind = { kind: "reject", gate, reason, ...more } as const;
    await this.#book((at) => ({ id: `reject-${shortDigest(at, 12)}`, by: ADA, at, ...kind }));
  }

  /** `fettle snooze <gate> --until <instant>`. */
  async snooze(gate: string, until: string): Promise<void> {
    const kind = { kind: "snooze", project: "shop", gate, until, reason: "" } as const;
    await this.#book((at) => ({ id: `snooze-${shortDigest(at, 12)}`, by: ADA, at, ...kind }));
  }

  /** `fettle stop`. */
  async stop(): Promise<void> {
    const kind = { kind: "stop", reason: "" } as const;
    await this.#book((at) => ({ id: `stop-${shortDigest(at, 12)}`, by: ADA, at, ...kind }));
  }

  /** `fettle cancel <pipeline>` of its only open run. */
  async cancel(pipeline: string, reason = "", keep = false): Promise<void> {
    await this.#book((at, { runs }) => {
      const found = [...runs.values()].find(({ record }) => record.pipeline === pipeline);
      if (found === undefined) throw new Error(`no run of ${pipeline} is open`);
      const { project, id: run } = found.record;
      return {
        id: `cancel-${shortDigest(at, 12)}`,
        kind: "cancel",
        project,
        run,
        reason,
        keep,
        by: ADA,
        at,
      };
    });
  }

  /** `fettle retry <pipeline>` of its latest run. */
  async retry(
    name: string,
    more: Partial<Pick<RetryRequest, "from" | "upgrade" | "params">> = {},
  ): Promise<void> {
    const closed = this.closedRuns().findLast(({ run }) => run.pipeline === name);
    if (closed === undefined) throw new Error(`no run of ${name} has ended`);
    const { id: run, project, pipeline, params } = closed.run;
    const { endedAt } = closed;
    const given = { params, from: null, upgrade: false, ...more };
    const kind = { kind: "retry", project, pipeline, run, endedAt, ...given } as const;
    await this.#book((at) => ({ id: `retry-${shortDigest(at, 12)}`, by: ADA, at, ...kind }));
  }

  /** `fettle undo <pipeline> --yes` of its latest run. */
  async undo(pipeline: string, by = ADA): Promise<void> {
    await this.#book((at, { runs }) => {
      const open = [...runs.values()].find(({ record }) => record.pipeline === pipeline)?.record;
      const closed =
        open === undefined
          ? this.closedRuns().findLast(({ run }) => run.pipeline === pipeline)
          : undefined;
      const record = open ?? closed?.run;
      if (record === undefined) throw new Error(`there is no run of ${pipeline}`);
      const { id: run, project } = record;
      const id = `undo-${shortDigest(at, 12)}`;
      const endedAt = closed?.endedAt ?? null;
      return { id, kind: "undo", project, pipeline, run, endedAt, by, reason: "", at };
    });
  }

  /** `fettle answer <effect> happened|did-not`. */
  async answer(onceKey: string, happened: boolean): Promise<void> {
    const { observed } = await this.look();
    const found = [...observed.summaries.projects].flatMap(([project, { uncertain = [] }]) =>
      uncertain
        .filter((doubt) => doubt.onceKey === onceKey)
        .map(({ base, ordinal }) => ({ project, base, ordinal })),
    );
    const [doubt] = found;
    if (doubt === undefined) throw new Error(`${onceKey} is not in doubt`);
    const kind = { kind: "answer", ...doubt, happened, reason: "seen in the sent mail" } as const;
    await this.#book((at) => ({ id: `answer-${shortDigest(at, 12)}`, by: ADA, at, ...kind }));
  }

  /** `fettle verify`. */
  verify(): Promise<Verification> {
    return this.read((engine) => verify(engine));
  }

  /** The only open gate. */
  async gate(): Promise<GateRecord> {
    const { observed } = await this.look();
    const gates = [...observed.gates.values()];
    const [only] = gates;
    if (only === undefined || gates.length > 1) throw new Error(`${gates.length} gates are open`);
    return only.record;
  }

  /** Runs git in the operator's folder as somebody else. */
  gitAs(email: string, ...args: readonly string[]): string {
    const who = { GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_EMAIL: email };
    const names = { GIT_AUTHOR_NAME: "Somebody", GIT_COMMITTER_NAME: "Somebody" };
    const env = { ...ENVIRONMENT, ...who, ...names };
    const options = { cwd: this.operator.path, env, encoding: "utf8" } as const;
    return execFileSync("git", args, options).trimEnd();
  }

  /** Text of a file of a branch; undefined when it is not there. */
  text(path: string, branch = "main"): string | undefined {
    const listed = this.operator.git("ls-tree", "--name-only", branch, "--", path);
    return listed === "" ? undefined : this.operator.git("show", `${branch}:${path}`);
  }

  /** Closed runs on the state branch, in the order in which they ended. */
  closedRuns(): readonly ClosedRun[] {
    const names = this.operator.git("ls-tree", "-r", "--name-only", "fettle/state", "runs/");
    const runs = names.split("\n").filter((name) => name !== "");
    return runs
      .map((name): ClosedRun => JSON.parse(this.text(name, "fettle/state") ?? ""))
      .toSorted((a, b) => (a.endedAt < b.endedAt ? -1 : 1));
  }

  /** Names of the agents that were called. */
  get called(): readonly string[] {
    return this.calls.map(({ agent }) => agent.name);
  }

  async #perform(
    play: Play,
    invocation: Invocation,
    [signal, save]: readonly [Parameters<Play>[1], Parameters<Play>[2]],
  ): Promise<Result> {
    this.calls.push(invocation);
    return { ...PLAIN, ...(await play(invocation, signal, save)) };
  }

  async #book(make: (at: string, observed: Observed) => RequestRecord): Promise<void> {
    const { signal } = new AbortController();
    await this.write(async (engine) => {
      await follow(engine, signal);
      const { observed } = await look(engine);
      const booked = await bookRequest(engine, make(engine.clock(), observed), {
        observed,
        signal,
      });
      if (!booked.ok) throw new Error(booked.detail);
    });
  }
}

/** The file that an attempt leaves. */
export function made(path: string, content: string): Pick<Result, "files"> {
  return { files: [{ path, content: new TextEncoder().encode(content), executable: false }] };
}
