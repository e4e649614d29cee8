// One workflow that lists entries and writes a letter for each, each a durable step. Prints milliseconds a step.
import { DBOS } from "@dbos-inc/dbos-sdk";

const [url, count, beside] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const letter = `Dear entry,\n\n${"words that fill the letter ".repeat(38)}\n`;
const write = async (id) => ({ body: `${id}: ${letter}` });

const letters = DBOS.registerWorkflow(
  async (steps) => {
    const list = await DBOS.runStep(
      async () => Array.from({ length: steps }, (_, at) => `entry-${at}`),
      {
        name: "list",
      },
    );
    for (let at = 0; at < list.length; at += beside) {
      const group = list.slice(at, at + beside);
      await Promise.all(group.map((id) => DBOS.runStep(() => write(id), { name: `write-${id}` })));
    }
  },
  { name: "letters" },
);

DBOS.setConfig({ name: "peer", systemDatabaseUrl: url, logLevel: "error", runAdminServer: false });
await DBOS.launch();
await letters(10);
const start = performance.now();
await letters(count);
process.stdout.write(`${(performance.now() - start) / (count + 1)}\n`);
await DBOS.shutdown();
