/** How a text that is kept up to date is found again: a first line that nobody sees. */

export function marked(key: string, text: string): string {
  return `${markOf(key)}\n${text}`;
}

/** Whoever edits it in a browser may leave other ends of lines. */
export function isMarked(key: string, text: string): boolean {
  return text.split(/\r?\n/u, 1)[0] === markOf(key);
}

function markOf(key: string): string {
  return `<!-- fettle:${key} -->`;
}
