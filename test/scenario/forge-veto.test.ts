/** Gates that go on by themselves, as pull requests: whatever an operator may have said there is heeded. */
import { expect, test } from "vitest";
import { mailCompany } from "../support/company.ts";
import { hubShop, quietHub, type Hub } from "../support/hub-shop.ts";
import { reasons, sent } from "../support/mail-shop.ts";
import type { Fate } from "../contract/github/double.ts";

const BOTH = [
  { to: "ann", text: "Hello ann" },
  { to: "bob", text: "Hello bob" },
];

function pull({ double }: Hub): Hub["double"]["state"]["pulls"][number] {
  const [only, ...more] = double.state.pulls;
  if (only === undefined || more.length > 0) throw new Error(`${more.length + 1} pull requests`);
  return only;
}

test.each([
  ["several at once", false, ["pushy", "pushy"]],
  ["also one that was edited", true, ["pushy"]],
])(
  "Rejections in comments keep gates from going on by themselves, %s.",
  async (_, isEdited, heard) => {
    const twice = Object.entries(VETO_SHOP).flatMap(([path, text]) => [
      [path, text],
      [path.replace("mail.yaml", "post.yaml"), text.replace("Send the mails", "Send the post")],
    ]);
    const hub = await quietHub(Object.fromEntries(twice), { policy: VETO });
    await hub.shop.request("shop/mail");
    await hub.shop.request("shop/post");
    await hub.shop.tick();
    const { comments, pulls } = hub.double.state;
    expect(pulls).toHaveLength(2);
    for (const { number } of pulls) {
      await hub.act("ada", "POST", `/issues/${number}/comments`, { body: "/fettle reject pushy" });
    }
    const last = `/issues/comments/${comments.at(-1)?.id}`;
    if (isEdited) await hub.act("ada", "PATCH", last, { body: "/fettle reject rude" });
    hub.shop.pass("5h");

    await hub.shop.tick();
    await hub.shop.tick();

    expect(sent(hub.shop)).toEqual([]);
    const decisions = hub.shop.closedRuns().flatMap(({ gates }) => gates);
    expect(decisions.map(({ reason }) => reason)).toEqual(heard);
  },
);

/** Goes on by itself after four hours. */
function vetoShop(): Promise<Hub> {
  return hubShop(VETO_SHOP, VETO);
}

const VETO = { autoBelow: 5, gateFrom: 60, veto: "4h" };
const VETO_SHOP = Object.fromEntries(
  Object.entries(mailCompany())
    .filter(([path]) => path.endsWith("mail.yaml"))
    .map(([path, text]) => [path, String(text).replace('"always"', '"risk","maxChanges":0')]),
);

test.each<[string, (hub: Hub) => void]>([
  ["GitHub does not answer", ({ double }) => void (double.onRequest = () => DOWN)],
  ["no token is held here", ({ shop }) => void (shop.forge = undefined)],
])("While %s, nothing goes on for want of an objection: it may stand there.", async (_, cut) => {
  const hub = await vetoShop();
  const { forge } = hub.shop;
  await hub.act("ada", "PATCH", `/pulls/${pull(hub).number}`, { state: "closed" });
  cut(hub);
  hub.shop.pass("5h");

  const tick = await hub.shop.tick();

  expect([sent(hub.shop), hub.shop.closedRuns()]).toEqual([[], []]);
  expect(reasons(tick)).toContain("forge-unreachable");
  Object.assign(hub.shop, { forge });
  hub.double.onRequest = () => undefined;
  await hub.shop.tick();
  expect(hub.shop.closedRuns()).toMatchObject([{ gates: [{ via: "closed" }] }]);
});

const DOWN: Fate = { kind: "answered", status: 503, message: "down" };

test("What GitHub could not be told of is not taken for unobjected; shown and left alone, it goes on.", async () => {
  const hub = await quietHub(VETO_SHOP, { policy: VETO });
  hub.double.onRequest = ({ method }) => (method === "POST" ? DOWN : undefined);
  await hub.shop.request("shop/mail");
  await hub.shop.tick();
  hub.shop.pass("5h");

  await hub.shop.tick();
  expect([hub.double.state.pulls, sent(hub.shop)]).toEqual([[], []]);

  hub.double.onRequest = () => undefined;
  await hub.shop.tick();
  await hub.shop.tick();
  expect(sent(hub.shop)).toEqual(BOTH);
});

test("An objection counts however many others remark on it.", async () => {
  const hub = await vetoShop();
  const reviews = `/pulls/${pull(hub).number}/reviews`;
  await hub.act("eve", "POST", reviews, { event: "COMMENT", body: "nice" });
  const said = pull(hub).reviews;
  for (let count = 1; count < 100; count += 1) said.push(...said.slice(0, 1));
  await hub.act("ada", "POST", reviews, { event: "REQUEST_CHANGES", body: "not to Bob" });
  hub.shop.pass("5h");

  const tick = await hub.shop.tick();

  expect([sent(hub.shop), reasons(tick)]).toEqual([[], ["changes-requested"]]);
});

test("A misspelt objection keeps the gate waiting for an answer.", async () => {
  const hub = await vetoShop();
  const comments = `/issues/${pull(hub).number}/comments`;
  await hub.act("ada", "POST", comments, { body: "/fettel reject not to Bob" });
  hub.shop.pass("5h");

  const { holds } = await hub.shop.tick();
  expect(sent(hub.shop)).toEqual([]);
  expect(holds.map(({ why }) => why)).toEqual([expect.stringContaining("has said something")]);
});
