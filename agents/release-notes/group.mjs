/** Sections in order, with the conventional types and first words that belong there. */
const sections = [
  {
    title: "New",
    words: ["feat", "feature", "add", "adds", "added", "introduce", "allow", "support", "new"],
  },
  {
    title: "Fixed",
    words: [
      "fix",
      "fixes",
      "fixed",
      "bugfix",
      "hotfix",
      "repair",
      "correct",
      "prevent",
      "avoid",
      "revert",
    ],
  },
  { title: "Faster", words: ["perf", "speed", "optimise", "optimize", "cache"] },
  { title: "Removed", words: ["remove", "removes", "removed", "drop", "delete", "deprecate"] },
  { title: "Documentation", words: ["docs", "doc", "document", "explain", "readme"] },
  {
    title: "Internal",
    words: ["build", "chore", "ci", "refactor", "style", "test", "tests", "bump", "format", "lint"],
  },
];
const otherwise = "Changed";

/** @typedef {{ text: string, scope: string, oid: string }} Change */

/**
 * Changes by section; a breaking change stands in its own section, first.
 * @param {readonly import("./range.mjs").Commit[]} commits newest first
 * @returns {{ title: string, changes: Change[] }[]} without empty sections
 */
export function groupChanges(commits) {
  const groups = Map.groupBy(commits.map(classify), ({ title }) => title);
  const titles = ["Breaking", "New", otherwise, ...sections.map(({ title }) => title)];
  return [...new Set(titles)].flatMap((title) => {
    const changes = groups.get(title)?.map(({ change }) => change) ?? [];
    return changes.length === 0 ? [] : [{ title, changes }];
  });
}

/** @param {import("./range.mjs").Commit} commit */
function classify({ oid, subject, body = "" }) {
  const { word, scope, text, isBreaking } = readConventional(subject) ?? readPlain(subject);
  const title = isBreaking || /^BREAKING[ -]CHANGE:/m.test(body) ? "Breaking" : sectionOf(word);
  return { title, change: { text, scope, oid } };
}

/** @param {string} subject "fix(mail)!: text" */
function readConventional(subject) {
  const match = /^([a-z]+)(?:\(([^)]*)\))?(!?):\s+(\S.*)$/i.exec(subject);
  if (match === null) return undefined;
  const [, word = "", scope = "", bang = "", text = ""] = match;
  // "Note: something" looks the same; only a type that we know, or a "!", makes it one.
  if (sectionOf(word) === otherwise && bang === "") return undefined;
  return { word, scope, text, isBreaking: bang === "!" };
}

/** @param {string} subject "Fix the thing" */
function readPlain(subject) {
  const word = /^[a-z]+/i.exec(subject)?.[0] ?? "";
  return { word, scope: "", text: subject, isBreaking: false };
}

/** @param {string} word @returns {string} */
function sectionOf(word) {
  return sections.find(({ words }) => words.includes(word.toLowerCase()))?.title ?? otherwise;
}
