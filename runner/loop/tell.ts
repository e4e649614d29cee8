/** After a tick: whoever wants to hear of something hears of it, once; and the heartbeat. */
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { Hold } from "#runner/core/action.ts";
import { durationMs, MINUTE_MS } from "#runner/core/time/duration.ts";
import { msBetween } from "#runner/core/time/instant.ts";
import { notificationsOf, tellingsOf, type Telling } from "#runner/core/notification.ts";
import type { Notifier } from "#runner/core/notifier.ts";
import type { Workspace } from "#runner/core/model.ts";
import { readToldJournal, writeToldJournal, type ToldJournal } from "#runner/repo/told-journal.ts";
import type { Engine, View } from "./engine.ts";
import { failedRuns } from "./failed-runs.ts";
import { isWhole, look } from "./look.ts";

interface Ended {
  /** null where nothing had changed since the tick before. */
  readonly view: Pick<View, "workspace" | "observed"> | null;
  readonly holds: readonly Hold[];
  /** When it was due, as the tick before saw it. */
  readonly due: string | null;
  readonly began: string;
}

/** What went wrong, in words: nothing that goes wrong here fails the tick. */
export async function tell(
  engine: Engine,
  ended: Ended,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const seen = await seenBy(engine, ended);
  if (seen === null) return [];
  const { workspace } = seen;
  const { heartbeat, schedules } = workspace.settings;
  const secrets = engine.secretValues(workspace);
  const pinged =
    heartbeat === undefined
      ? []
      : [problem("the heartbeat", await engine.notifier.ping(heartbeat, secrets, signal))];
  const late =
    heartbeat === undefined ? [] : lateWords(ended, durationMs(schedules?.sweep ?? "15m"));
  return [
    ...late,
    ...pinged.flat(),
    ...(await tellAll(engine, { ...seen, holds: ended.holds }, signal)),
  ];
}

/** That it came, and how late, for whoever would have been told by a service outside. */
function lateWords({ due, began }: Ended, sweepMs: number): readonly string[] {
  const ms = due === null ? 0 : msBetween(due, began);
  if (ms <= sweepMs) return [];
  return [`this tick comes ${Math.round(ms / MINUTE_MS)} minutes late: it was due at ${due}`];
}

/** A tick that found nothing new looks again only where a heartbeat or a word is due; of projects that rest a tick has seen nothing. */
async function seenBy(engine: Engine, { view }: Ended): Promise<Ended["view"]> {
  if (view === null) {
    const { isDeferred, isBeating } = readToldJournal(engine.repository);
    if (!isDeferred && !isBeating) return null;
  } else if (isWhole(view.workspace) || view.workspace.settings.notify === undefined) return view;
  const { workspace, observed } = await look(engine);
  return workspace === null ? null : { workspace, observed };
}

interface Seen {
  readonly workspace: Workspace;
  readonly observed: View["observed"];
  readonly holds: readonly Hold[];
}

async function tellAll(
  engine: Engine,
  { workspace, observed, holds }: Seen,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const now = engine.clock();
  const failed = await failedRuns({ workspace, observed, files: engine.store });
  const notifications = notificationsOf({ workspace, observed, holds, failed, now });
  const before = readToldJournal(engine.repository);
  const told = new Set(before.told);
  const { due, isDeferred, ids } = tellingsOf(workspace, notifications, { told, now });
  const known = [...told].filter((id) => ids.has(id));
  const rest = { isDeferred, isBeating: workspace.settings.heartbeat !== undefined };
  // What is told is written down first: after a crash it is not told twice.
  const after = [...known, ...due.map(({ id }) => id)];
  keep(engine, before, { told: after, ...rest });
  const problems = await Promise.all(
    due.map((telling) => sendOne(engine, { telling, workspace }, signal)),
  );
  const refused = new Set(problems.flatMap(({ id, isRefused }) => (isRefused ? [id] : [])));
  if (refused.size > 0) {
    writeToldJournal(engine.repository, {
      told: after.filter((id) => !refused.has(id)),
      ...rest,
      isDeferred: true,
    });
  }
  return problems.flatMap(({ words }) => words);
}

/** A tick with nothing to tell writes nothing. */
function keep({ repository }: Engine, before: ToldJournal, after: ToldJournal): void {
  if (canonicalJson(before) !== canonicalJson(after)) writeToldJournal(repository, after);
}

interface One {
  readonly telling: Telling;
  readonly workspace: Workspace;
}

interface Told {
  readonly id: string;
  /** It is tried again by the next tick. */
  readonly isRefused: boolean;
  readonly words: readonly string[];
}

async function sendOne(
  engine: Engine,
  { telling, workspace }: One,
  signal: AbortSignal,
): Promise<Told> {
  const { id, notify, notification } = telling;
  const word = { notify, notification, workspace: workspace.settings.name ?? "" };
  const sent = await engine.notifier.send(word, engine.secretValues(workspace), signal);
  const words = problem(`${notification.on} to ${schemeOf(notify.to)}`, sent);
  return { id, isRefused: sent.kind === "refused", words };
}

function problem(what: string, sent: Awaited<ReturnType<Notifier["ping"]>>): readonly string[] {
  switch (sent.kind) {
    case "sent":
      return [];
    case "refused":
      return [`${what} could not be told: ${sent.why}; the next tick tries again`];
    case "unknown":
      return [`${what}: nobody knows whether it arrived: ${sent.why}`];
  }
}

/** The address may be a secret. */
function schemeOf(to: string): string {
  return to.slice(0, to.indexOf(":"));
}
