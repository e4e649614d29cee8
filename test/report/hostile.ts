/** Text that means harm, and what is left of it. */

/** ESC, OSC 52, bidi, zero width, carriage return, Actions command, Markdown and Mermaid all at once. */
export const hostile =
  "::error::x\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u202Egpj.\u200B\r\n@ada #12 ![x](https://evil.example/?d=1) <img src=x> | `a` $b$ :done, crit %% ##[add-mask]";

/** What of a hostile text still speaks to a terminal or to GitHub Actions; a test wants none. */
export function dangersIn(text: string): string[] {
  const signs = ["\u001b", "\u0007", "\u202e", "\u200b", "\r", "##["];
  const commands = text.split("\n").filter((line) => line.trimStart().startsWith("::"));
  return [...signs.filter((sign) => text.includes(sign)), ...commands];
}
