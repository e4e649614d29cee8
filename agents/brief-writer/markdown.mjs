/**
 * Text from outside as plain words of Markdown: one line, nothing that links, mentions or formats.
 * @param {string} text
 * @returns {string}
 */
export function plain(text) {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .replaceAll(/[\\`*_[\]<>|~#&]/g, "\\$&")
    .replaceAll("@", "&#64;")
    .replaceAll("://", "&#58;//");
}

/**
 * @param {readonly string[]} head a leading `>` makes a column of numbers
 * @param {readonly (readonly (string | number)[])[]} rows
 * @returns {string}
 */
export function table(head, rows) {
  const titles = head.map((title) => title.replace(/^>/, ""));
  const rule = head.map((title) => (title.startsWith(">") ? "---:" : "---"));
  return [titles, rule, ...rows].map(tableRow).join("\n");
}

/** @param {readonly (string | number)[]} cells */
function tableRow(cells) {
  return `| ${cells.join(" | ")} |`;
}
