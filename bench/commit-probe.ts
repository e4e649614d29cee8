/** Commits so many steps one by one, for a watcher of system calls: `node commit-probe.ts <folder> <steps>`. */
import { openStore } from "./durable.ts";
import { changeOf } from "./records.ts";
import { range } from "./workspace.ts";

const [folder = ".", steps = "0"] = process.argv.slice(2);
const store = await openStore(folder);
for (const index of range(Number(steps))) await store.commit(changeOf([index]));
await store.close();
