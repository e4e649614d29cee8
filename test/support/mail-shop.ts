/** The company of `mailCompany`, played: Ann and Bob are written to. */
import { proposedBy } from "#runner/core/gate/proposed.ts";
import { approveGate, type Approved } from "#runner/loop/approve.ts";
import { mailCompany } from "./company.ts";
import { ADA, made, type Casting, type Play, Rehearsal } from "./rehearsal.ts";

export const PLAYS: Readonly<Record<string, Play>> = {
  finder: () => ({ outputs: { people: [{ name: "ann" }, { name: "bob" }] } }),
  writer: ({ inputs }) => ({ outputs: { text: `Hello ${String(inputs["name"])}` } }),
  sender: ({ effectKey }) => ({ receipt: { key: effectKey ?? "" } }),
  scribe: ({ inputs }) => made("projects/shop/sent.txt", `${JSON.stringify(inputs["sent"])}\n`),
};

/** With a run of `shop/mail` that waits at its gate. */
export async function mailShop(casting: Partial<Casting> = {}): Promise<Rehearsal> {
  const shop = new Rehearsal({ files: mailCompany(), plays: PLAYS, ...casting });
  await shop.request("shop/mail");
  await shop.tick();
  return shop;
}

/** Merges the branch of the open gate into the checked-out branch, by hand. */
export async function mergeGate(shop: Rehearsal): Promise<void> {
  const { branch } = await shop.gate();
  shop.operator.git("merge", "--quiet", "--no-edit", branch);
}

/** `fettle approve` of the open gate. */
export function approve(shop: Rehearsal): Promise<Approved> {
  return shop.write(async (engine) => {
    const gate = await shop.gate();
    const { refs, workspace } = await shop.look();
    const main = workspace?.commit ?? "";
    const head = refs.get(`refs/heads/${gate.branch}`) ?? null;
    return approveGate(engine, { gate: proposedBy(gate), main, head, operators: [ADA] });
  });
}

/** Who was written to, with what. */
export function sent({ calls }: Rehearsal): readonly unknown[] {
  return calls.filter(({ agent }) => agent.name === "sender").map(({ inputs }) => inputs);
}

/** Reasons of all that is held. */
export function reasons({
  holds,
}: {
  readonly holds: readonly { readonly reason: string }[];
}): readonly string[] {
  return holds.map(({ reason }) => reason);
}
