/**
 * The notes as Markdown. They hold no date, so that nothing changes while nothing happens.
 * @param {string} since
 * @param {readonly { title: string, changes: readonly import("./group.mjs").Change[] }[]} groups
 * @returns {string}
 */
export function renderNotes(since, groups) {
  const from = since === "" ? "since the beginning" : `since ${plain(since)}`;
  const parts = [`# Next release`, `Draft of what changed ${from}.`];
  if (groups.length === 0) parts.push("Nothing yet.");
  for (const { title, changes } of groups) parts.push(`## ${title}`, changes.map(line).join("\n"));
  return `${parts.join("\n\n")}\n`;
}

/** @param {import("./group.mjs").Change} change @returns {string} */
function line({ text, scope, oid }) {
  const where = scope === "" ? "" : `**${plain(scope)}**: `;
  const sentence = plain(text);
  const first = where === "" ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : sentence;
  return `- ${where}${first} (${oid.slice(0, 7)})`;
}

/**
 * Text from outside as plain words of Markdown: one line, nothing that links, mentions or formats.
 * @param {string} text
 * @returns {string}
 */
function plain(text) {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .replaceAll(/[\\`*_[\]<>|~#&]/g, "\\$&")
    .replaceAll("@", "&#64;")
    .replaceAll("://", "&#58;//");
}
