// Reads {inputs: {folder, client, agreed}} on stdin; remembers the agreement as the client's one answer to "what was agreed".
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const request = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(`${JSON.stringify(remember(request.inputs))}\n`);

/** @param {{ folder: string, client: string, agreed: string }} inputs */
function remember({ folder, client, agreed }) {
  const file = join(folder, "clients", `${client}.md`);
  if (!existsSync(file)) {
    return { outcome: "missing-data", outputs: null, rationale: `There is no ${file}.` };
  }
  const name = /^name: *(.+)$/mu.exec(readFileSync(file, "utf8"))?.[1] ?? client;
  return {
    outcome: "succeeded",
    outputs: { client: name },
    memory: [
      {
        kind: "fact",
        subject: `client/${client}`,
        attribute: "agreement",
        text: agreed.replaceAll(/\s+/gu, " ").trim(),
        confidence: 1,
      },
    ],
    rationale: `Wrote down what was agreed with ${name}.`,
  };
}
