/** Whether the models of fettle.yaml can be asked: what they cost is known, and their keys are there. */
import { entryOf } from "#runner/core/entry.ts";
import type { Workspace } from "#runner/core/model.ts";
import { priceOf } from "#runner/core/money/price.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { PRICES_PATH, pricesAt } from "#runner/loop/price-table.ts";
import type { ModelSettings } from "#runner/schema/types.gen.ts";
import { type Check, ok } from "./check.ts";
import type { VerbContext } from "./verb.ts";

export async function modelChecks(
  context: VerbContext,
  engine: Engine,
  workspace: Workspace | null,
): Promise<readonly Check[]> {
  const models = Object.entries(workspace?.settings.models ?? {});
  if (workspace === null || models.length === 0) return [];
  const read = await pricesAt(engine.store.reader, workspace.commit, context.programFolder);
  if (!read.ok) {
    const fix = "fettle costs prices --update, then commit the file";
    return [{ status: "problem", what: read.reason, fix }];
  }
  const { table } = read.prices;
  const secrets = engine.secretValues(workspace);
  return models.map(([name, settings]) => {
    const price = priceOf(settings, table, context.clock());
    if (price.kind === "unpriced") return unpriced(name, price.reason);
    return keyCheck(workspace, { name, settings, secrets });
  });
}

function unpriced(name: string, reason: string): Check {
  return {
    status: "warning",
    what: `model ${name} is never asked: ${reason}`,
    fix: `give it a price in fettle.yaml (zero, subscription, or { input, output }), or fettle costs prices --update for a newer ${PRICES_PATH}`,
  };
}

interface Keyed {
  readonly name: string;
  readonly settings: ModelSettings;
  readonly secrets: Readonly<Record<string, string>>;
}

function keyCheck({ settings }: Workspace, { name, settings: model, secrets }: Keyed): Check {
  const { key } = model;
  if (key === undefined || entryOf(secrets, key) !== undefined) return ok(`model ${name}`);
  const variable = entryOf(settings.secrets, key)?.env ?? key;
  return {
    status: "warning",
    what: `model ${name} has no key here: the environment variable ${variable} is not set`,
    fix: `export ${variable}=... before fettle runs; until then agents go down their ladders`,
  };
}
