/** What is wrong with a file of the operator's, and where. */
export class BadFile extends Error {
  /** @param {string} file @param {number} line @param {string} problem */
  constructor(file, line, problem) {
    super(`${file}:${line}: ${problem}`);
  }
}

const afterField = /[,\n]/g;

/**
 * Rows of a CSV text (RFC 4180): LF or CRLF, quoted fields may hold commas, quotes and line breaks.
 * @param {string} file name for messages
 * @param {string} text
 * @returns {{ line: number, fields: string[] }[]} blank lines are left out
 */
function parseCsv(file, text) {
  const source = text.replaceAll("\r\n", "\n");
  /** @type {{ line: number, fields: string[] }[]} */
  const rows = [];
  let at = 0;
  let line = 1;
  let row = { line, fields: /** @type {string[]} */ ([]) };
  while (at < source.length) {
    const field =
      source[at] === '"'
        ? quotedField({ file, source, at, line })
        : plainField({ file, source, at, line });
    row.fields.push(field.value);
    line += field.value.split("\n").length - 1;
    at = field.end + 1;
    const rowEnds = source[field.end] !== ",";
    if (!rowEnds && at === source.length) row.fields.push("");
    if (rowEnds || at === source.length) {
      if (row.fields.length > 1 || row.fields[0] !== "") rows.push(row);
      line += 1;
      row = { line, fields: [] };
    }
  }
  return rows;
}

/** @typedef {{ file: string, source: string, at: number, line: number }} Position */

/** @param {Position} position @returns {{ value: string, end: number }} */
function plainField({ file, source, at, line }) {
  afterField.lastIndex = at;
  const end = afterField.exec(source)?.index ?? source.length;
  const value = source.slice(at, end);
  if (value.includes('"'))
    throw new BadFile(file, line, "a quote inside a field that is not quoted");
  return { value, end };
}

/** @param {Position} position @returns {{ value: string, end: number }} */
function quotedField({ file, source, at, line }) {
  let value = "";
  let from = at + 1;
  for (;;) {
    const quote = source.indexOf('"', from);
    if (quote < 0) throw new BadFile(file, line, "a quoted field that does not end");
    value += source.slice(from, quote);
    const next = source[quote + 1];
    if (next !== '"') {
      if (next !== undefined && next !== "," && next !== "\n")
        throw new BadFile(file, line, "text after a closing quote");
      return { value, end: quote + 1 };
    }
    value += '"';
    from = quote + 2;
  }
}

/**
 * Rows as objects by the names in the first line.
 * @param {string} file
 * @param {string} text
 * @param {readonly string[]} columns that must be there
 * @returns {{ line: number, cells: Record<string, string> }[]}
 */
export function parseTable(file, text, columns) {
  const [head, ...rows] = parseCsv(file, text);
  const names = head?.fields ?? [];
  const missing = columns.find((column) => !names.includes(column));
  if (missing !== undefined) throw new BadFile(file, 1, `no column "${missing}"`);
  return rows.map(({ line, fields }) => {
    if (fields.length !== names.length)
      throw new BadFile(file, line, `${fields.length} fields instead of ${names.length}`);
    return {
      line,
      cells: Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ""])),
    };
  });
}
