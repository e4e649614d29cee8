/** Text from outside (agents, files, forges) made harmless where it meets a terminal or a CI log. */

/** Well-formed CSI, OSC, DCS, SOS, PM and APC sequences. Whatever else begins with ESC is shown, not obeyed. */
const controlSequence =
  // oxlint-disable-next-line no-control-regex -- these are the characters that it is about
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u0090\u0098\u009c-\u009f]*(?:\u0007|\u001b\\|\u009c)/gu;

/** Controls, bidi and zero-width characters, tags, separators, lone surrogates, blank Hangul fillers. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu;

/** A joiner inside an emoji is part of the picture. */
const emojiJoiner =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})/gu;
const keptJoiner = "\ufdd0";

/**
 * One line of harmless text: escape sequences removed, other invisible characters shown as `\u202e`, line ends and tabs as a space.
 * GitHub Actions would obey a line that begins with `::` or holds `##[`, so both are broken up. Applying it twice changes nothing.
 */
export function terminalText(text: string): string {
  return text
    .replaceAll(controlSequence, "")
    .replaceAll(/[\t\r\n]+/gu, " ")
    .replaceAll(keptJoiner, "\\ufdd0")
    .replaceAll(emojiJoiner, keptJoiner)
    .replaceAll(invisible, showCodePoint)
    .replaceAll(keptJoiner, "\u200d")
    .replace(/^(\s*):(?=:)/u, "$1: ")
    .replaceAll("##[", "## [");
}

/** `\x1b`, `\u202e`, `\u{e0041}`: what stands there, in ASCII. */
export function showCodePoint(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const hex = point.toString(16);
  if (point < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return point < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}
