import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Answer, makeFolder, runAgent } from "./run-agent.ts";

const head = "number,client,client_name,description,due,currency,amount,status";
const good = "A-1,isla,Thistle & Wren,Signs,2026-10-01,GBP,10.00,open";
const client =
  "---\ngreeting: Dear Isla\nemail: isla@shop.example\nlanguage: en\ntone: kind\n---\n";
const books = "projects/collections";

async function measure(folder: string, asOf?: string): Promise<Answer> {
  return runAgent("invoice-ledger/main.mjs", folder, {
    inputs: { folder: books },
    ...(asOf !== undefined && { asOf }),
  });
}

test.each([
  ["a missing column", "number,client\nA-1,isla\n", '1: no column "client_name"'],
  ["a missing field", `${head}\n${good}\nA-2,isla\n`, "3: 2 fields instead of 8"],
  ["an open quote", `${head}\n${good}\nA-2,"isla\n`, "3: a quoted field that does not end"],
  ["text after a quote", `${head}\n"A-2"x,isla\n`, "2: text after a closing quote"],
  ["a quote inside", `${head}\nA"2,isla\n`, "2: a quote inside a field that is not quoted"],
  ["a row after a two-line field", `${head}\n"A\n1",x,\n`, "2: 3 fields instead of 8"],
  ["a number twice", `${head}\n${good}\n${good}\n`, "3: A-1 stands on line 2 too"],
  ["an unknown currency", `${head}\n${good.replace("GBP", "XAU")}\n`, '2: currency "XAU"'],
  [
    "pence of a yen",
    `${head}\n${good.replace("GBP", "JPY")}\n`,
    '2: "10.00" is not an amount in JPY',
  ],
  ["an amount in words", `${head}\n${good.replace("10.00", "ten")}\n`, '2: "ten" is not an amount'],
  ["an unknown status", `${head}\n${good.replace("open", "opne")}\n`, '2: status "opne"'],
  [
    "a client that leaves the folder",
    `${head}\n${good.replace("isla", "../x")}\n`,
    '2: client "../x"',
  ],
])("%s is named with its line and nothing is guessed", async (_, text, problem) => {
  const folder = await makeFolder({
    [`${books}/invoices.csv`]: text,
    [`${books}/clients/isla.md`]: client,
  });

  const answer = await measure(folder);

  expect(answer.outcome).toBe("missing-data");
  expect(answer.rationale).toContain(`${books}/invoices.csv:${problem}`);
});

test("the studio has nine invoices to remind of in November, and never many more", async () => {
  const folder = await makeFolder();
  await cp(books, join(folder, books), { recursive: true });

  const november = await measure(folder);
  const muchLater = await measure(folder, "2029-06-01T08:00:00.000Z");

  expect(november.outputs).toMatchObject({
    overdueUnreminded: 9,
    toCall: [{ clientName: "Łódź Film Commons" }],
  });
  expect(muchLater.outputs).toMatchObject({ overdueUnreminded: 10 });
});

test("once the reminders are in the log nothing is silent any more", async () => {
  const folder = await makeFolder();
  await cp(books, join(folder, books), { recursive: true });
  const before = await measure(folder);

  const logged = await runAgent("reminder-log/main.mjs", folder, {
    inputs: { folder: books, sent: overdueOf(before).map(sentItem) },
  });

  expect(logged.outputs).toEqual({ added: 9, known: 0 });
  expect((await measure(folder)).outputs).toMatchObject({ overdueUnreminded: 0 });
  const log = await readFile(join(folder, books, "reminders.csv"), "utf8");
  expect(log).toContain("\n2026-11-22,NW-2026-050,thistle-wren,");
});

function overdueOf({ outputs }: Answer): readonly object[] {
  const overdue = outputs?.["overdue"];
  return Array.isArray(overdue) ? overdue : [];
}

function sentItem(invoice: object): object {
  const number = "number" in invoice ? invoice.number : null;
  const receipt = {
    messageId: `<${String(number)}@x.example>`,
    to: "a@x.example",
    sentOn: "2026-11-22",
  };
  return { key: number, outcome: "succeeded", input: { key: number, input: invoice }, receipt };
}
