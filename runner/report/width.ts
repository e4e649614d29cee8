/** How many terminal columns text takes; no control characters expected. */

/** Characters of one column each that join with nothing: told without a segmenter. */
const plain =
  /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2015\u2018-\u2027\u2190-\u21ff\u2260-\u2265\u2500-\u25fc\u2713\u2717]*$/u;
const zeroWide = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;
/** East Asian Wide and Fullwidth ranges, and characters that are shown as pictures without being asked. */
const wide =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u;
const emojiStyle = /\ufe0f/u;

/** Columns of the text: 2 for wide East Asian characters and emoji, 0 for combining marks. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemesOf(text)) columns += graphemeWidth(segment);
  return columns;
}

/** The text cut to so many columns, its last one an ellipsis when something is missing. */
export function cutToWidth(text: string, columns: number, ellipsis = "…"): string {
  if (displayWidth(text) <= columns) return text;
  const room = columns - displayWidth(ellipsis);
  if (room < 0) return "";
  let used = 0;
  let kept = "";
  for (const { segment } of graphemesOf(text)) {
    used += graphemeWidth(segment);
    if (used > room) break;
    kept += segment;
  }
  return `${kept}${ellipsis}`;
}

/** Lines of at most so many columns, broken at spaces; a longer word stands alone and overflows (a command stays whole). */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/u)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && displayWidth(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

let segmenter: Intl.Segmenter | undefined;

/** The segmenter is made for the first text that needs it: making it takes as long as starting the program. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

function graphemeWidth(grapheme: string): number {
  if (zeroWide.test(grapheme)) return 0;
  return wide.test(grapheme) || emojiStyle.test(grapheme) ? 2 : 1;
}
