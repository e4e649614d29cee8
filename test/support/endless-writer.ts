/** A runner that takes the lock and commits until it is killed: `node endless-writer.ts <folder>`. */
import { writeSync } from "node:fs";
import { lockRepository } from "#runner/repo/lock.ts";
import { openRepository } from "#runner/repo/repository.ts";
import { StateStore } from "#runner/repo/state-store.ts";

const [start = "", path = ""] = process.argv.slice(2);
const opened = await openRepository({ start, environment: { PATH: path } });
if (opened.kind !== "opened") throw new Error(opened.kind);
const { repository } = opened;
const locked = lockRepository(repository, { pid: process.pid, since: Date.now() });
if (locked.kind !== "locked") throw new Error(locked.kind);

const author = { name: "fettle", email: "fettle@localhost" };
const store = new StateStore({ repository, author });
for (let index = 0; ; index += 1) {
  const outcome = await store.commit({
    subject: `commit ${index}`,
    trailers: [],
    stateFiles: new Map([[`runs/${index % 100}.json`, `{"n":${index}}\n`]]),
    payload: [{ month: "2026-03", files: new Map([[`p/${index}`, Buffer.from(`${index}`)]]) }],
    alsoRefs: [],
    at: 1_772_442_000,
  });
  if (outcome.kind !== "committed") throw new Error(outcome.kind);
  // Written at once: what the parent has read was acknowledged.
  writeSync(1, `${outcome.commit}\n`);
}
