/** `policy.windows`: each allows or denies, at times that there are. */
import { isTimezone } from "#runner/core/time/calendar.ts";
import { daysBetween } from "#runner/core/time/civil-date.ts";
import { type Found, nameHint, pointer } from "./check-finding.ts";
import { timezoneFound } from "./check-schedule.ts";
import type { PolicyWindow, Workspace } from "#runner/schema/types.gen.ts";

export function checkWindows({ policy }: Workspace): readonly Found[] {
  return (policy?.windows ?? []).flatMap((window, index) => {
    const at = pointer("policy", "windows", index);
    const { timezone } = window;
    const isZone = timezone === undefined || isTimezone(timezone);
    return [
      ...(isZone ? [] : [timezoneFound(`${at}/timezone`, timezone)]),
      ...checkKind(window, at),
      ...checkTimes(window, at),
      ...(window.dates ?? []).flatMap((dates, place) => checkDates(dates, `${at}/dates/${place}`)),
    ];
  });
}

function checkKind({ allow, deny }: PolicyWindow, at: string): readonly Found[] {
  if ((allow === undefined) !== (deny === undefined)) return [];
  const message = "a window has either allow or deny";
  return [{ code: "policy/window", pointer: at, message, hint: "such as allow: office hours" }];
}

function checkTimes({ from = "00:00", to = "24:00" }: PolicyWindow, at: string): readonly Found[] {
  if (from === "24:00") {
    const message = "a window begins at 00:00 of a day at the earliest, and at 23:59 at the latest";
    return [{ code: "policy/window", pointer: `${at}/from`, message }];
  }
  if (from !== to) return [];
  const message = `a window from ${from} to ${to} is empty`;
  return [
    {
      code: "policy/window",
      pointer: `${at}/to`,
      message,
      hint: "leave both out for the whole day",
    },
  ];
}

function checkDates(dates: string, at: string): readonly Found[] {
  const [first = "", last = first] = dates.split("..");
  const days = daysBetween(first, last);
  if (!days.ok) return [{ code: "policy/date", pointer: at, message: days.reason }];
  if (days.days >= 0) return [];
  return [{ code: "policy/date", pointer: at, message: `${first} is after ${last}` }];
}

/** Names that there are not; known only where all projects are read. */
export function checkWindowNames(
  { policy }: Workspace,
  projects: ReadonlyMap<string, { readonly pipelines: ReadonlyMap<string, unknown> }>,
): readonly Found[] {
  return (policy?.windows ?? []).flatMap(({ for: about = {} }, index): readonly Found[] => {
    const at = pointer("policy", "windows", index, "for");
    const { project, pipeline } = about;
    if (project !== undefined && !projects.has(project)) {
      return [missing("project", project, { at: `${at}/project`, known: projects.keys() })];
    }
    const own = project === undefined ? undefined : projects.get(project);
    const within = own === undefined ? [...projects.values()] : [own];
    const known = within.flatMap(({ pipelines }) => [...pipelines.keys()]);
    if (pipeline === undefined || known.includes(pipeline)) return [];
    return [missing("pipeline", pipeline, { at: `${at}/pipeline`, known })];
  });
}

interface Named {
  readonly at: string;
  readonly known: Iterable<string>;
}

function missing(what: string, name: string, { at, known }: Named): Found {
  const message = `no ${what} is called ${name}`;
  return {
    code: `ref/${what}`,
    severity: "warning",
    pointer: at,
    message,
    hint: nameHint(name, known),
  };
}
