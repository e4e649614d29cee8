/** A company whose one step is executed in a lane. */
import { agent, pipeline, project, settings } from "./company.ts";
import type { FileTexts } from "./git-repo.ts";
import { handOut, type Wave } from "./lanes.ts";
import { Rehearsal } from "./rehearsal.ts";

type Idempotency = "native" | "probe" | "none" | null;

type Manifest = Readonly<Record<string, unknown>>;

/** A company with one step of each kind of effect; `idempotency` null: none; `more` of its agent. */
export function oneStep(idempotency: Idempotency, more: Manifest = {}): Rehearsal {
  return new Rehearsal({
    files: writingFiles(idempotency, "ann", more),
    plays: { actor: () => ({ receipt: { seen: true } }) },
  });
}

/** A company whose one step asks a model, with little money for it. */
export function paidStep(): Rehearsal {
  const models = { large: { provider: "anthropic", model: "large", key: "KEY" } };
  const budget = [{ per: "total", usd: 1 }];
  const files = {
    ...settings({ models, budget, secrets: { KEY: { env: "KEY" } } }),
    ...project("shop"),
    ...agent("actor", { runtime: { model: "large" }, limits: { usd: 0.05, wall: "1m" } }),
    ...pipeline("shop/act", [{ id: "act", agent: "actor" }]),
  };
  const shop = new Rehearsal({ files });
  shop.environment = { ...shop.environment, KEY: "of the provider" };
  return shop;
}

/** Who is written to is part of the effect's key. */
export function writingFiles(idempotency: Idempotency, to: string, more: Manifest = {}): FileTexts {
  const effect = idempotency === null ? {} : { effects: "external", idempotency };
  const once = { once: { key: `mail/${to}` }, compensate: { none: "a sent mail stays sent" } };
  const step = { id: "act", agent: "actor", ...(idempotency === null ? {} : once) };
  const writes = { writes: ["${{ project.dir }}/notes/**"] };
  return {
    ...settings(),
    ...project("shop"),
    ...agent("actor", { ...effect, ...writes, ...more }),
    ...pipeline("shop/act", [step]),
  };
}

/** Its step is handed to a lane; `folders`: not to new ones. */
export async function wave(
  shop: Rehearsal,
  folders?: Pick<Wave, "folder" | "results">,
): Promise<Wave> {
  await shop.request("shop/act");
  const handed = await handOut(shop, folders);
  if (handed.handed?.plan.units.length !== 1) throw new Error("there is no lane with one step");
  return handed;
}

/** As they stand on the state branch. */
export function receiptStates(shop: Rehearsal): readonly string[] {
  const names = shop.operator.git("ls-tree", "-r", "--name-only", "fettle/state", "once/");
  return names
    .split("\n")
    .filter((name) => name !== "")
    .flatMap((name) => {
      const { receipts }: { receipts: { state: string }[] } = JSON.parse(
        shop.text(name, "fettle/state") ?? "",
      );
      return receipts.map(({ state }) => state);
    });
}
