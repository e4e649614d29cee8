import { expect, test } from "vitest";
import { canonicalJson, digestOfBytes } from "#runner/core/canonical-json.ts";
import { eventsPath } from "#runner/core/state-path.ts";
import { readEvents } from "#runner/loop/events.ts";
import { stateAt, type StateFiles } from "#runner/loop/state-files.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import { makeRepository } from "../support/git-repo.ts";
import { applied } from "../support/ledger-events.ts";

async function read(path: string, text: string): Promise<readonly unknown[]> {
  const operator = makeRepository({ [path]: text });
  const store = new StateStore({
    repository: await operator.open(),
    author: { name: "fettle", email: "runner@fettle.invalid" },
  });
  const files: StateFiles = stateAt(store.reader, operator.git("rev-parse", "main"));
  try {
    return await readEvents(files, "");
  } finally {
    await store.close();
  }
}

const EVENT = applied();
const TEXT = `${canonicalJson({ transactions: [EVENT] })}\n`;
const PATH = eventsPath(EVENT.at, digestOfBytes(TEXT));

test("events are read as they were written", async () => {
  expect(await read(PATH, TEXT)).toEqual([EVENT]);
});

test.each([
  ["not JSON", "{"],
  ["without events", '{"transactions":[]}\n'],
  ["of a kind that this version does not know", TEXT.replace(EVENT.kind, "project-painted")],
  ["edited afterwards", TEXT.replace(EVENT.project, "other")],
])("an event file that is %s stops who asks", async (_, text) => {
  await expect(read(PATH, text)).rejects.toThrow(`${PATH} on the state branch cannot be read`);
});
