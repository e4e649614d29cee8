/** What people are told of beyond the terminal: derived from what stands there, so that a word that was lost follows from the next look. */
import { localTime } from "#runner/core/time/calendar.ts";
import { digestOf } from "./canonical-json.ts";
import { capWarnings } from "#runner/core/money/cap-warning.ts";
import { assentCommand } from "#runner/core/gate/gate-command.ts";
import type { Hold } from "./action.ts";
import type { FailedRun } from "./failed-run.ts";
import type { Observed, Workspace } from "./model.ts";
import { goesOnAt, openSnoozedUntil } from "#runner/core/gate/snooze.ts";
import { timezoneOf } from "./run-scope.ts";
import { scopeName, stopsIn, stopWords } from "./stop.ts";
import { zonedText } from "./zoned-text.ts";
import type { Notify } from "#runner/schema/types.gen.ts";

export type Topic = Notify["on"][number];

export interface Notification {
  readonly on: Topic;
  /** The same for the same thing, whoever looks and whenever. */
  readonly key: string;
  readonly title: string;
  readonly text: string;
}

export interface Noticed {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly holds: readonly Hold[];
  readonly failed: readonly FailedRun[];
  readonly now: string;
}

/** All that there is to tell now, told before or not. */
export function notificationsOf(noticed: Noticed): readonly Notification[] {
  const timezone = timezoneOf(noticed.workspace.settings);
  return everything(noticed).map((one) => ({ ...one, text: zonedText(one.text, timezone) }));
}

function everything(noticed: Noticed): readonly Notification[] {
  return [
    ...gates(noticed),
    ...doubts(noticed),
    ...caps(noticed),
    ...stalled(noticed),
    ...noticed.failed.map(({ of, id, reason }) =>
      wordOf("failed", id, [`${of} failed`, `${reason}\nfettle explain ${id}`]),
    ),
    ...stopsIn(noticed.observed.requests).map((stop) => {
      const what = scopeName(stop) || "everything";
      return wordOf("stopped", stop.id, [`${what} is stopped`, `${what} is ${stopWords(stop)}`]);
    }),
  ];
}

function wordOf(
  on: Topic,
  name: string,
  [title, text]: readonly [title: string, text: string],
): Notification {
  return {
    on,
    key: `${on}/${name}`,
    title: plain(title),
    text: text.trim().replaceAll(INVISIBLE, " "),
  };
}

const INVISIBLE = /[^\P{Cc}\n]|\p{Cf}/gu;

/** On one line: titles of models become subjects of mails. */
function plain(title: string): string {
  return title.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}

/** What is put off is told anew when it comes back. */
function gates(noticed: Noticed): readonly Notification[] {
  const awake = [...noticed.observed.gates.values()].filter(
    ({ record }) => openSnoozedUntil(noticed, record) === null,
  );
  return awake.map(({ record }) => {
    const { id, title, project, risk, answerBy, items } = record;
    const end = goesOnAt(noticed, record);
    const due = answerBy === null ? [] : [`answer by ${answerBy}`];
    const veto = end === null ? [] : [`goes on by itself at ${end}`];
    const shown = items.length === 0 ? [] : [`${items.length} items`];
    const facts = [project, `risk ${risk.score}`, ...shown, ...due, ...veto].join(", ");
    return wordOf("gate-opened", id, [
      `${title} (${project})`,
      `${facts}\n${assentCommand(record)}`,
    ]);
  });
}

function doubts({ observed }: Noticed): readonly Notification[] {
  return [...observed.summaries.projects.values()].flatMap(({ uncertain = [] }) =>
    uncertain.map(({ onceKey, base, ordinal, run, reason }) => {
      const text = `nobody knows whether it happened in ${run}: ${reason}\nfettle answer`;
      return wordOf("uncertain", `${base}/${ordinal}`, [`${onceKey} is in doubt`, text]);
    }),
  );
}

function caps({ workspace, observed, now }: Noticed): readonly Notification[] {
  return capWarnings({ workspace, observed, now }).map(({ scope, level, until, text }) =>
    wordOf("budget-warn", `${scope}/${level}/${until ?? ""}`, [`${scope}: money`, text]),
  );
}

function stalled({ workspace, holds }: Noticed): readonly Notification[] {
  const invalid = [...workspace.invalid].map(([project, reason]) => {
    const name = `${project}/${digestOf(reason).slice(7, 19)}`;
    const text = `${reason}\nfettle validate`;
    return wordOf("stalled", name, [`${project} keeps its last good version`, text]);
  });
  const goals = holds
    .filter(({ reason }) => reason === "goal-stalled")
    .map(({ project, subject, why }) => {
      const name = `${project ?? ""}/${subject}`;
      return wordOf("stalled", name, [`${name} is stalled`, why]);
    });
  return [...invalid, ...goals];
}

/** One word to one place. */
export interface Telling {
  /** Names place and thing; the place as a digest, for it may be a secret. */
  readonly id: string;
  readonly notify: Notify;
  readonly notification: Notification;
}

export interface Tellings {
  readonly due: readonly Telling[];
  /** Waits for the end of quiet hours. */
  readonly isDeferred: boolean;
  /** Of everything that stands there, told or not: the rest may be forgotten. */
  readonly ids: ReadonlySet<string>;
}

/** What is to be told now; `told` are the ids of what was. */
export function tellingsOf(
  { settings }: Pick<Workspace, "settings">,
  notifications: readonly Notification[],
  { told, now }: { readonly told: ReadonlySet<string>; readonly now: string },
): Tellings {
  const all = (settings.notify ?? []).flatMap((notify) =>
    notifications
      .filter(({ on }) => notify.on.includes(on))
      .map((notification) => ({ id: idOf(notify, notification), notify, notification })),
  );
  const news = all.filter(({ id }) => !told.has(id));
  const due = news.filter(({ notify }) => !isQuiet(notify, settings, now));
  return { due, isDeferred: due.length < news.length, ids: new Set(all.map(({ id }) => id)) };
}

function idOf({ to }: Notify, { key }: Notification): string {
  return `${digestOf(to).slice(7, 19)} ${key}`;
}

/** A calendar takes long to load; most ticks have nothing to tell. */
function isQuiet({ quiet }: Notify, settings: Workspace["settings"], now: string): boolean {
  if (quiet === undefined) return false;
  const time = localTime(now, timezoneOf(settings));
  const { from, to } = quiet;
  return from <= to ? from <= time && time < to : time >= from || time < to;
}
