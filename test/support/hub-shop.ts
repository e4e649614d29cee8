/** The company of `mailCompany` with its origin on the double of GitHub; people act there as they would with a browser. */
import { githubForge } from "#runner/forge/github.ts";
import { expect, onTestFinished } from "vitest";
import type { Double } from "../contract/github/double.ts";
import { REPOSITORY, type Who } from "../contract/github/double-state.ts";
import { startDouble } from "../contract/github/started.ts";
import { mailCompany, settings } from "./company.ts";
import { addOrigin, type FileTexts } from "./git-repo.ts";
import { PLAYS } from "./mail-shop.ts";
import { ADA, Rehearsal } from "./rehearsal.ts";

export interface Hub {
  readonly shop: Rehearsal;
  readonly double: Double;
  /** Asks GitHub for something in the name of somebody; the status of the answer. */
  readonly act: (who: Who, method: string, path: string, body?: object) => Promise<number>;
}

/** A run of `shop/mail` waits at its gate, and one tick has told GitHub. */
export async function hubShop(more: FileTexts = {}, policy?: object): Promise<Hub> {
  const hub = await quietHub(more, policy && { policy });
  await hub.shop.request("shop/mail");
  await hub.shop.tick();
  return hub;
}

/** Nothing has happened yet; `set` is what fettle.yaml says besides. */
export async function quietHub(more: FileTexts = {}, set: object = {}): Promise<Hub> {
  const operators = [
    { email: ADA, login: "ada-northwind" },
    { email: "bea@northwind.example", login: "bea" },
  ];
  const forge = { repository: REPOSITORY };
  const files = {
    ...mailCompany(),
    ...settings({ operators, forge, ...set }),
    ...more,
  };
  const shop = new Rehearsal({ files, plays: PLAYS });
  const origin = addOrigin(shop.operator);
  origin.git("config", "http.receivepack", "true");
  const { double, options } = await startDouble(origin.path);
  shop.operator.git("remote", "set-url", "origin", double.gitUrl("runner"));
  shop.forge = {
    isHeld: true,
    api: double.api,
    open: (place) => githubForge({ ...options, ...place }),
  };
  onTestFinished(() => expect(double.referee.violations).toEqual([]));
  const act: Hub["act"] = async (who, method, path, body) => {
    const answer = await fetch(`${double.api}/repos/${REPOSITORY}${path}`, {
      method,
      headers: { authorization: `Bearer ${who}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return answer.status;
  };
  return { shop, double, act };
}
