// Reads {asOf, history} on stdin; writes the week as data on stdout.
import { readFileSync } from "node:fs";
import { collectBrief } from "./collect.mjs";

const { asOf, history } = JSON.parse(readFileSync(0, "utf8"));
const outputs = collectBrief(history ?? {}, asOf);
const rationale = `${outputs.commitCount} commits and ${outputs.runs.length} kinds of runs in ${outputs.week}.`;
process.stdout.write(`${JSON.stringify({ outcome: "succeeded", outputs, rationale })}\n`);
