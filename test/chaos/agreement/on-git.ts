/** The protocol on real git, over smart HTTP whose connections are cut. */
import { rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { book } from "#runner/loop/ledger.ts";
import { look } from "#runner/loop/look.ts";
import { publishPending } from "#runner/loop/publish-pending.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { noteCompany } from "../../support/company.ts";
import {
  addOrigin,
  cloneOf,
  ENVIRONMENT,
  makeRepository,
  type TestRepository,
} from "../../support/git-repo.ts";
import { serveHttp } from "../../support/http-origin.ts";
import { Rehearsal } from "../../support/rehearsal.ts";
import type { Published, PushFate } from "../simulation/clone.ts";
import { groupOf } from "./groups.ts";
import { Script, type Group, type Observation, type Push, type Scenario } from "./scenarios.ts";

const { signal } = new AbortController();

type OnTheWay = Exclude<PushFate, "locked" | "refused">;

export async function onGit({ lives }: Scenario): Promise<Observation> {
  const operator = makeRepository();
  operator.commit(noteCompany(), "Start the company");
  const origin = addOrigin(operator);
  origin.git("config", "http.receivepack", "true");
  const shop = new Rehearsal({ files: {}, operator });
  await shop.tick();
  const other = new Rehearsal({ files: {}, operator: cloneOf(origin) });
  await other.tick();

  let script = new Script({});
  let push: Push = {};
  let [pushes, made] = [0, 0];
  const disturb = async (): Promise<void> => {
    await other.request("shop/note");
  };
  const server = await serveHttp(dirname(origin.path), ENVIRONMENT["PATH"] ?? "", {
    onPush: async () => {
      push = script.nextPush();
      if (push.hasRival === true) await disturb();
      return bar(origin, push.fate);
    },
    onPushed: async () => {
      unbar(origin);
      if (push.hasFollower === true) await disturb();
    },
    onAsk: (service) => {
      if (service === "fetch") return script.nextRead();
      pushes += 1;
      return true;
    },
  });
  onTestFinished(() => server.close());
  operator.git("remote", "set-url", "origin", server.url(basename(origin.path)));

  const outcomes: Published[] = [];
  for (const life of lives) {
    script = new Script(life);
    const groups = life.books.map((kind) => {
      made += 1;
      return { kind, id: `own-${made}` };
    });
    outcomes.push(await shop.write((engine) => lifeOf(engine, groups)));
  }
  const requests = origin.git("ls-tree", "--name-only", "fettle/state", "requests/");
  return {
    outcomes,
    facts: requests.match(/own-/g)?.length ?? 0,
    others: requests.match(/run-/g)?.length ?? 0,
    pushes,
    waiting: waitingIn(operator),
  };
}

const LOCK = "refs/heads/fettle/state.lock";
const RULE = "hooks/pre-receive";

/** Another git is at work there, or a rule of the origin takes nothing; anything else happens on the way. */
function bar({ path }: TestRepository, fate: PushFate = "answered"): OnTheWay {
  if (fate !== "locked" && fate !== "refused") return fate;
  if (fate === "locked") writeFileSync(join(path, LOCK), "");
  else writeFileSync(join(path, RULE), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return "answered";
}

function unbar({ path }: TestRepository): void {
  for (const file of [LOCK, RULE]) rmSync(join(path, file), { force: true });
}

interface Made {
  readonly kind: Group;
  readonly id: string;
}

/** Each group is a commit; then all that waits is published. */
async function lifeOf(engine: Engine, groups: readonly Made[]): Promise<Published> {
  const { observed } = await look(engine);
  let { summaries } = observed;
  for (const { kind, id } of groups) {
    const { runner } = engine.repository;
    const transactions = [groupOf(kind, { id, at: engine.clock(), runner })];
    const booked = await book(engine.store, { summaries, transactions, refs: [] });
    if (booked.outcome.kind !== "committed") throw new Error(booked.outcome.kind);
    summaries = booked.summaries;
  }
  const published = await publishPending(engine, signal);
  if (published.ok) return published.isRebuilt ? "rebuilt" : "as-seen";
  return stopOf(published.detail);
}

const STOPS: readonly Published[] = [
  "refused",
  "locked",
  "parted",
  "unreachable",
  "uncertain",
  "contended",
];

function stopOf(detail: string): Published {
  const stop = STOPS.find((reason) => detail.startsWith(`${reason}:`));
  if (stop === undefined) throw new Error(detail);
  return stop;
}

function waitingIn(operator: TestRepository): number {
  const pending = operator.git("for-each-ref", "--format=%(objectname)", "refs/fettle/pending");
  const tips = pending.split("\n").filter(Boolean);
  if (tips.length === 0) return 0;
  return Number(operator.git("rev-list", "--count", ...tips, "^refs/heads/fettle/state"));
}
