// Reads {inputs: {file, since?, leaveOut?}, history: {commits, tags}} on stdin; writes the notes.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { groupChanges } from "./group.mjs";
import { renderNotes } from "./notes.mjs";
import { commitsSince } from "./range.mjs";

const request = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(`${JSON.stringify(draft(request.inputs, request.history ?? {}))}\n`);

/**
 * @param {{ file: string, since?: string, leaveOut?: string[] }} inputs
 * @param {{ commits?: import("./range.mjs").Commit[], tags?: import("./range.mjs").Tag[] }} history
 */
function draft({ file, since = "", leaveOut = [] }, { commits = [], tags = [] }) {
  const range = commitsSince({ commits, tags }, since);
  if (range === undefined)
    return {
      outcome: "missing-data",
      outputs: null,
      rationale: `"${since}" is no tag, commit or date of this history.`,
    };
  const groups = groupChanges(range.commits.filter((commit) => isNews(commit, leaveOut)));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, renderNotes(range.since, groups));
  const changes = groups.reduce((sum, group) => sum + group.changes.length, 0);
  const breaking = groups.find(({ title }) => title === "Breaking")?.changes.length ?? 0;
  return {
    outcome: "succeeded",
    outputs: { file, since: range.since, changes, breaking },
    rationale: `${changes} ${changes === 1 ? "change" : "changes"}${range.since === "" ? "" : ` since ${range.since}`}.`,
  };
}

/** @param {import("./range.mjs").Commit} commit @param {readonly string[]} leaveOut */
function isNews({ parents, files = [] }, leaveOut) {
  if (parents.length > 1) return false;
  return (
    files.length === 0 ||
    files.some(({ path }) => !leaveOut.some((folder) => path.startsWith(folder)))
  );
}
