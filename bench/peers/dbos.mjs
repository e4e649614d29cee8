// One workflow: a DAG of layers, given as JSON, each of its steps durable and writing a letter. Prints milliseconds a step.
import { DBOS } from "@dbos-inc/dbos-sdk";

const [url, layers] = [process.argv[2], JSON.parse(process.argv[3])];
const letter = `Dear entry,\n\n${"words that fill the letter ".repeat(38)}\n`;
const write = async (id) => ({ body: `${id}: ${letter}` });

const dag = DBOS.registerWorkflow(
  async (given) => {
    for (const layer of given)
      await Promise.all(layer.map((id) => DBOS.runStep(() => write(id), { name: id })));
  },
  { name: "dag" },
);

DBOS.setConfig({ name: "peer", systemDatabaseUrl: url, logLevel: "error", runAdminServer: false });
await DBOS.launch();
await dag(layers.slice(0, 1));
const start = performance.now();
await dag(layers);
process.stdout.write(`${(performance.now() - start) / layers.flat().length}\n`);
await DBOS.shutdown();
