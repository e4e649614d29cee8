import { plain, table } from "./markdown.mjs";

const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** @typedef {ReturnType<typeof import("../brief-collector/collect.mjs").collectBrief>} Brief */

/**
 * The page: what waits first, then what was done, decided and spent.
 * @param {Brief} brief
 * @returns {string}
 */
export function renderBrief(brief) {
  return [
    `# Week ${brief.week}`,
    `${brief.from} to ${brief.to}. ${headline(brief)}`,
    section("Waiting for you", waiting(brief)),
    section("Done", done(brief)),
    section("Went wrong", troubles(brief)),
    section("Decided", decisions(brief)),
    section("Goals", goals(brief)),
    section("Spent", spent(brief)),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

/** @param {Brief} brief @returns {string} one sentence */
export function headline({ commitCount, runs, spend, waiting: open }) {
  const runCount = runs.reduce((sum, run) => sum + run.count, 0);
  const micros = spend.reduce((sum, entry) => sum + entry.micros, 0);
  const parts = [count(commitCount, "commit"), count(runCount, "run"), `${usd(micros)} spent`];
  return `${parts.join(", ")}; ${open.length === 0 ? "nothing waits" : `${count(open.length, "decision")} waiting`}.`;
}

/** @param {string} title @param {string} text @returns {string} */
function section(title, text) {
  return text === "" ? "" : `## ${title}\n\n${text}`;
}

/** @param {Brief} brief */
function waiting({ waiting: open }) {
  if (open.length === 0) return "Nothing.";
  return open
    .map(({ project, title, openedOn, answerBy }) => {
      const until =
        answerBy === null ? "" : `, answer by ${answerBy.slice(0, 16).replace("T", " ")} UTC`;
      return `- **${plain(title)}** (${plain(project)}), open since ${openedOn}${until}`;
    })
    .join("\n");
}

/** @param {Brief} brief */
function done({ days, commits, commitCount, tags, runs }) {
  if (commitCount === 0 && runs.length === 0) return "A quiet week: no commits and no runs.";
  const listed = commits.map(
    ({ day, author, subject, added, removed }) =>
      `- ${plain(subject)} · ${plain(author)}, ${day}, +${added} −${removed}`,
  );
  const more = commitCount - commits.length;
  const released = tags.map(plain).join(", ");
  return [
    chart(days),
    table(
      ["Day", ">Commits", ">Runs"],
      days.map((entry, index) => [`${dayNames[index]} ${entry.day}`, entry.commits, entry.runs]),
    ),
    runs.length === 0
      ? ""
      : table(
          ["Project", "Pipeline", "Result", ">Runs"],
          runs.map((run) => [
            plain(run.project),
            plain(run.pipeline),
            plain(run.result),
            run.count,
          ]),
        ),
    released === "" ? "" : `Released: ${released}.`,
    [...listed, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** @param {Brief["days"]} days */
function chart(days) {
  const top = Math.max(1, ...days.map((entry) => Math.max(entry.commits, entry.runs)));
  return [
    "```mermaid",
    "xychart-beta",
    '  title "Commits (bars) and runs (line) a day"',
    `  x-axis [${dayNames.join(", ")}]`,
    `  y-axis 0 --> ${top}`,
    `  bar [${days.map((entry) => entry.commits).join(", ")}]`,
    `  line [${days.map((entry) => entry.runs).join(", ")}]`,
    "```",
  ].join("\n");
}

/** @param {Brief} brief */
function troubles({ troubles: list }) {
  return list
    .map(
      ({ day, project, what, reason }) =>
        `- ${day}, ${plain(project)}: ${plain(what)}: ${plain(reason)}`,
    )
    .join("\n");
}

/** @param {Brief} brief */
function decisions({ decisions: list }) {
  return list
    .map(({ day, project, step, decision, by, reason }) => {
      const why = reason === "" ? "" : `: ${plain(reason)}`;
      return `- ${day}, ${plain(project)}: ${plain(step)} ${plain(decision)} by ${plain(by)}${why}`;
    })
    .join("\n");
}

/** @param {Brief} brief */
function goals({ goals: list }) {
  if (list.length === 0) return "";
  return table(
    ["Project", "Goal", "State", ">Value"],
    list.map(({ project, goal, met, value }) => [
      plain(project),
      plain(goal),
      met === null ? "unknown" : met ? "met" : "not met",
      value ?? "–",
    ]),
  );
}

/** @param {Brief} brief */
function spent({ spend }) {
  if (spend.length === 0) return "Nothing.";
  const total = spend.reduce((sum, { micros }) => sum + micros, 0);
  return table(
    ["Project", "Agent", ">Attempts", ">Cost"],
    [
      ...spend.map(({ project, agent, attempts, micros }) => [
        plain(project),
        plain(agent),
        attempts,
        usd(micros),
      ]),
      ["**All**", "", spend.reduce((sum, { attempts }) => sum + attempts, 0), `**${usd(total)}**`],
    ],
  );
}

/** @param {number} micros @returns {string} */
function usd(micros) {
  const cents = Math.round(micros / 10_000);
  if (cents === 0 && micros > 0) return "< 0.01 USD";
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")} USD`;
}

/** @param {number} number @param {string} noun @returns {string} */
function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
