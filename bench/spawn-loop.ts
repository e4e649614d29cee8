/** A loop that only starts the program, in a process of its own: what a fork takes grows with the process that forks. Prints milliseconds. */
import { spawn } from "node:child_process";
import { timed } from "./measure.ts";
import { ENVIRONMENT, range } from "./workspace.ts";

/** About what an agent is given on standard input. */
const REQUEST = JSON.stringify({
  inputs: { topic: "entry-0" },
  memory: [],
  project: { name: "p" },
});

const [cwd = ".", count = "1", places = "1", file = "true", ...args] = process.argv.slice(2);
let left = Number(count);
const worker = async (): Promise<void> => {
  while (left > 0) {
    left -= 1;
    await spawnOne();
  }
};
const all = await timed(async () => void (await Promise.all(range(Number(places)).map(worker))));
process.stdout.write(`${all}\n`);

function spawnOne(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: ENVIRONMENT, stdio: ["pipe", "pipe", "pipe"] });
    child.stdout.resume();
    child.stderr.resume();
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${file} ended with ${code}`)),
    );
    child.stdin.end(REQUEST);
  });
}
