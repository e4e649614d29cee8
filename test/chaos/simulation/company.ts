/** What the simulated runners run: two pipelines that want the same mails, and a project that comes and goes. */
import { digestOf } from "#runner/core/canonical-json.ts";
import type { AgentVersion, Workspace } from "#runner/core/model.ts";
import type {
  Agent,
  AgentStep,
  AskStep,
  Attention,
  Pipeline,
  WaitStep,
} from "#runner/schema/types.gen.ts";
import {
  agent,
  gateStep,
  mailer,
  pipeline,
  pipelineStep,
  project,
  step,
  workspace,
} from "../../support/core-builders.ts";

export type Idempotency = NonNullable<Agent["idempotency"]>;

/** What the operator changes. */
export interface Company {
  /** At most so many mails a day of each kind. */
  readonly mailsADay: number;
  /** At most so many mails to anybody, ever. */
  readonly max: number;
  /** `first` keeps a log. */
  readonly hasLog: boolean;
  /** The project `side` is there. */
  readonly hasSide: boolean;
  /** `second` asks before it sends. */
  readonly isAsking: boolean;
  /** The operator is shown few gates a day, most of them in briefings, and `second` has a question, too. */
  readonly isBusy: boolean;
  /** What `second` shows goes on by itself after a while. */
  readonly isSilent: boolean;
  /** By now the operator wants to be asked for that, too. */
  readonly isStrict: boolean;
  /** Drafts are made by a model, and there is little money for it. */
  readonly isPaid: boolean;
  readonly dayMicros: number;
  readonly totalMicros: number;
}

/** What one draft may take. */
const DRAFT_MICROS = 100_000;
/** Where a day ends in the middle of a morning: trouble begins at ten o'clock in Greenwich. */
const ZONE = "Pacific/Kiritimati";

/** Fewer mails than both pipelines want in a day, so that the cap is felt. */
export const BEGINNING: Company = {
  mailsADay: 4,
  max: 4,
  hasLog: true,
  hasSide: false,
  isAsking: false,
  isBusy: false,
  isSilent: false,
  isStrict: false,
  isPaid: false,
  dayMicros: 7 * DRAFT_MICROS,
  totalMicros: 18 * DRAFT_MICROS,
};

export const PEOPLE = ["ann", "bob", "cid"];
/** Waits before it sends, and lets a newer run take the place of one that has not sent yet. */
export const SLOW = "second";
export const SHOP = "shop";
export const EVERY_MS = 12 * 3_600_000;
const MOST_RETRIES = 2;
export const REVIEWS_A_DAY = 2;
const VETO = "45s";
export const QUESTION = "terms";

/** Projects with their pipelines. */
export function pipelinesOf({ hasSide, isBusy }: Company): readonly (readonly [string, string])[] {
  const side = ["side", "third"] as const;
  const inbox = [SHOP, "inbox"] as const;
  return [[SHOP, "first"], [SHOP, SLOW], ...(isBusy ? [inbox] : []), ...(hasSide ? [side] : [])];
}

const TURN = { turn: "${{ iteration.number }}" };
const PAUSE: WaitStep = { id: "pause", wait: { for: "1m" }, needs: ["draft"] };
const REST: WaitStep = { id: "rest", wait: { for: "5m" }, needs: ["send"] };
const FIND = step("find", { retry: { limit: 2 } });
const DRAFT = step("draft", {
  forEach: "${{ steps.find.outputs.people }}",
  itemKey: "${{ item.name }}",
  with: { name: "${{ item.name }}", mark: "${{ steps.find.outputs.mark }}" },
  retry: { limit: 2 },
});

/** What the mails wait for besides. */
const TERMS: AskStep = {
  id: QUESTION,
  needs: ["draft"],
  ask: "How many days of grace?",
  form: {
    type: "object",
    required: ["days"],
    properties: { days: { type: "integer", minimum: 1 } },
  },
};

function sending(max: number, changes: Partial<AgentStep>): AgentStep {
  return step("send", {
    agent: "mailer",
    forEach: "${{ steps.draft.items.filter(i, i.outcome == 'succeeded') }}",
    itemKey: "${{ item.key }}",
    with: { text: "${{ item.outputs.text }}" },
    once: { key: "mail/${{ item.key }}", every: "12h", max },
    compensate: { none: "a sent mail cannot be recalled" },
    ...changes,
  });
}

/** find → draft each → send each → log */
function quick({ max, hasLog }: Company): Pipeline {
  const log = step("log", { with: { sent: "${{ steps.send.items }}" } });
  const steps = [FIND, DRAFT, sending(max, {}), ...(hasLog ? [log] : [])];
  return pipeline(steps, { concurrency: { policy: "queue" }, maxRetries: MOST_RETRIES });
}

/** One that takes its time, and the place of a run that has not sent yet; somebody may be asked before it sends. */
function slow({ max, isAsking, isBusy, isSilent }: Company): Pipeline {
  // What is wanted before the next briefing is shown on its own.
  const soon = isBusy ? { answerBy: "1h", onExpire: "keep" as const } : {};
  const shown = { mails: "${{ steps.draft.items }}" };
  const asked = gateStep("review", shown, { ask: isSilent ? "risk" : "always", ...soon });
  const approved = isAsking ? { forEach: "${{ steps.review.approved.mails }}" } : {};
  return pipeline(
    [
      { ...FIND, repeat: { until: "outputs.turn >= 2", max: 3 }, with: TURN },
      PAUSE,
      REST,
      DRAFT,
      ...(isAsking ? [asked] : []),
      ...(isBusy ? [TERMS] : []),
      sending(max, { ...approved, needs: ["pause", ...(isBusy ? [QUESTION] : [])] }),
      step("log", { with: { sent: "${{ steps.send.items }}" } }),
    ],
    { concurrency: { policy: "replace" }, maxRetries: MOST_RETRIES },
  );
}

/** A run for each item, once ever. */
const INBOX = pipeline([
  FIND,
  pipelineStep("each", "handle", {
    forEach: "${{ steps.find.outputs.people }}",
    itemKey: "${{ item.name }}",
    with: { name: "${{ item.name }}" },
  }),
]);
const HANDLE = pipeline([step("log", { with: { name: "${{ params.name }}" } })], {
  params: { name: { type: "string" } },
});

function drafter({ isPaid }: Company): AgentVersion {
  if (!isPaid) return agent("draft");
  const limits = { usd: DRAFT_MICROS / 1e6, wall: "1m" };
  return agent("draft", { runtime: { model: "large" }, limits });
}

/** The first comes when the trouble has just begun, the second after a pause of half a day; in the other zone nobody ticks after one. */
const ATTENTION: Attention = { reviewsPerDay: REVIEWS_A_DAY, briefings: ["10:05", "22:05"] };

/** By whose calendar a day of this company is counted. */
export function zoneOf({ isPaid }: Company): string {
  return isPaid ? ZONE : "UTC";
}

function settingsOf(says: Company): Partial<Workspace["settings"]> {
  return {
    ...(says.isBusy ? { attention: ATTENTION } : {}),
    ...(says.isPaid ? moneyOf(says) : {}),
    ...(says.isSilent
      ? { policy: { veto: VETO, ...(says.isStrict ? { gateFrom: 30 } : {}) } }
      : {}),
  };
}

function moneyOf({ dayMicros, totalMicros }: Company): Partial<Workspace["settings"]> {
  return {
    timezone: ZONE,
    models: { large: { provider: "anthropic", model: "large" } },
    budget: [
      { per: "day", usd: dayMicros / 1e6 },
      { per: "total", usd: totalMicros / 1e6 },
    ],
  };
}

export function company(idempotency: Idempotency, says: Company, commit: string): Workspace {
  const effectLimits: Agent["effectLimits"] = [{ per: "day", count: says.mailsADay }];
  const free = ["find", "log"].map((name) => agent(name));
  const made = (mails: string): readonly AgentVersion[] => [
    ...free,
    drafter(says),
    { ...mailer({ idempotency, effectLimits }), name: mails },
  ];
  const { hasSide, dayMicros: _, totalMicros: __, ...rest } = says;
  const shop = project({
    pipelines: {
      first: quick(says),
      [SLOW]: slow(says),
      ...(says.isBusy ? { inbox: INBOX, handle: HANDLE } : {}),
    },
    agents: made("mailer"),
    digest: digestOf(rest),
  });
  const posting = [FIND, DRAFT, sending(says.max, { agent: "poster" })];
  const side = project({
    name: "side",
    pipelines: { third: pipeline(posting, { maxRetries: MOST_RETRIES }) },
    agents: made("poster"),
    digest: digestOf([says.mailsADay, says.max]),
  });
  const projects = [shop, ...(hasSide ? [side] : [])];
  return workspace(
    projects.map((version) => ({ ...version, commit })),
    { commit, settings: settingsOf(says) },
  );
}
