/** fettle.yaml against the rest of the workspace. */
import { checkBudget, checkWithoutRuns } from "./check-budget.ts";
import { checkEmbedder } from "./check-embedder.ts";
import { expressionFindings, type Found, nameHint, pointer } from "./check-finding.ts";
import { POLICY_SCOPE } from "./check-scope.ts";
import { checkNotify } from "./check-notify.ts";
import { checkWindows } from "./check-window.ts";
import { isTimezone } from "#runner/core/time/calendar.ts";
import { timezoneFound } from "./check-schedule.ts";
import { DAY_MS } from "#runner/core/time/duration.ts";
import { LOOK_EVERY, looksIn } from "#runner/core/time/look-schedule.ts";
import { compileCondition } from "#runner/core/expression/expression.ts";
import type { Agent, Workspace } from "#runner/schema/types.gen.ts";

export function checkSettings(
  settings: Workspace,
  agents: ReadonlyMap<string, Agent | null>,
): readonly Found[] {
  const { timezone } = settings;
  const valid = [...agents].flatMap(([name, manifest]) =>
    manifest === null ? [] : [{ name, manifest }],
  );
  return [
    ...(timezone === undefined || isTimezone(timezone)
      ? []
      : [timezoneFound("/timezone", timezone)]),
    ...checkPolicy(settings),
    ...checkNotify(settings),
    ...checkActions(settings),
    ...checkWindows(settings),
    ...checkAbsences(settings),
    ...checkModels(settings),
    ...checkEmbedder(settings),
    ...checkGrants(settings, agents),
    ...checkVariables(settings),
    ...checkUncapped(settings),
    ...checkBudget(settings.budget, valid),
    ...checkWithoutRuns(settings.budget),
  ];
}

function checkPolicy({ policy }: Workspace): readonly Found[] {
  const rules = (policy?.rules ?? []).flatMap((rule, index) => {
    const compiled = compileCondition(rule.when, POLICY_SCOPE);
    return compiled.ok
      ? []
      : expressionFindings(["policy", "rules", index, "when"], compiled.errors);
  });
  const { autoBelow = 25, gateFrom = 60 } = policy ?? {};
  if (autoBelow <= gateFrom) return rules;
  const message = `autoBelow ${autoBelow} is above gateFrom ${gateFrom}`;
  return [...rules, { code: "policy/order", pointer: "/policy", part: "key", message }];
}

/** What becomes of the minutes of a month when they run short. */
const OF_MINUTES = ["spareFrom", "spareEvery", "atCeiling"] as const;

/** The longest month has 31 days. */
function checkActions({ actions = {} }: Workspace): readonly Found[] {
  if (actions.minutes === undefined) {
    return OF_MINUTES.filter((key) => actions[key] !== undefined).map((key) => ({
      code: "actions/minutes",
      pointer: pointer("actions", key),
      part: "key",
      message: `${key} counts for nothing without actions.minutes`,
      hint: "such as minutes: 2000",
    }));
  }
  const looks = looksIn(31 * DAY_MS, actions);
  if (actions.minutes > looks) return [];
  const message = `looking every ${actions.every ?? LOOK_EVERY} takes ${looks} minutes a month: of ${actions.minutes} none would be left for lanes`;
  const hint = "write a longer actions.every, or more minutes";
  return [{ code: "actions/minutes", pointer: pointer("actions", "minutes"), message, hint }];
}

function checkAbsences({ attention }: Workspace): readonly Found[] {
  return (attention?.away ?? []).flatMap(({ from, to }, index): readonly Found[] => {
    if (from <= to) return [];
    const message = `an absence ends before it begins: ${from} to ${to}`;
    return [
      { code: "attention/away", pointer: pointer("attention", "away", index, "to"), message },
    ];
  });
}

function checkModels(settings: Workspace): readonly Found[] {
  const secrets = Object.keys(settings.secrets ?? {});
  return Object.entries(settings.models ?? {}).flatMap(([name, model]) => {
    const found: Found[] = [];
    if (model.key !== undefined && !secrets.includes(model.key)) {
      const message = `there is no secret ${model.key}`;
      found.push({
        code: "ref/secret",
        pointer: pointer("models", name, "key"),
        message,
        hint: nameHint(model.key, secrets),
      });
    }
    if (model.provider === "openai-compatible" && model.baseUrl === undefined) {
      const message = "openai-compatible needs baseUrl";
      found.push({
        code: "model/base-url",
        pointer: pointer("models", name, "provider"),
        message,
        hint: 'such as "http://127.0.0.1:11434/v1"',
      });
    }
    return found;
  });
}

function checkGrants(
  settings: Workspace,
  agents: ReadonlyMap<string, Agent | null>,
): readonly Found[] {
  return Object.entries(settings.secrets ?? {}).flatMap(([secret, source]) =>
    (source.agents ?? []).flatMap((agent, index) => {
      if (agents.has(agent)) return [];
      const at = pointer("secrets", secret, "agents", index);
      return [
        {
          code: "ref/agent",
          pointer: at,
          message: `no agent is called ${agent}`,
          hint: nameHint(agent, agents.keys()),
        },
      ];
    }),
  );
}

/** A program that is given one secret must not find the key of a model under another name. */
function checkVariables({ secrets = {} }: Workspace): readonly Found[] {
  const entries = Object.entries(secrets);
  return entries.flatMap(([name, { env }], index): readonly Found[] => {
    const first = entries.slice(0, index).find(([, other]) => other.env === env);
    if (first === undefined) return [];
    const message = `secrets ${first[0]} and ${name} are one environment variable: ${env}`;
    const hint = `give it one name, and the agents that may have it under that`;
    return [{ code: "secret/twice", pointer: pointer("secrets", name, "env"), message, hint }];
  });
}

/** Limits of single attempts hold, and nothing holds their sum. */
function checkUncapped({ models = {}, budget = [] }: Workspace): readonly Found[] {
  const [paid] =
    Object.entries(models).find(([, { price }]) => price !== "zero" && price !== "subscription") ??
    [];
  if (paid === undefined || budget.some(({ usd }) => usd !== undefined)) return [];
  const message = `model ${paid} costs money, and no cap of the workspace holds it`;
  const hint = "add budget: [{ per: month, usd: 10 }]";
  const at = { pointer: pointer("models", paid), part: "key" } as const;
  return [{ code: "budget/none", severity: "warning", ...at, message, hint }];
}
