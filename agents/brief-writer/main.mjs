// Reads {inputs: {folder, brief}} on stdin; writes <folder>/<yyyy>-W<ww>.md.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { headline, renderBrief } from "./brief.mjs";

const { inputs } = JSON.parse(readFileSync(0, "utf8"));
const file = join(inputs.folder, `${inputs.brief.week}.md`);
mkdirSync(inputs.folder, { recursive: true });
writeFileSync(file, renderBrief(inputs.brief));
const outputs = { file, headline: headline(inputs.brief) };
process.stdout.write(
  `${JSON.stringify({ outcome: "succeeded", outputs, rationale: outputs.headline })}\n`,
);
