/** Markdown that is too long for where it goes. */

/** Cut between lines, and said with `told`; a fence that was open is closed. */
export function cutMarkdown(text: string, longest: number, told: string): string {
  if (text.length <= longest) return text;
  const kept = text.slice(0, text.lastIndexOf("\n", longest - told.length - MARGIN));
  const fence = openFence(kept);
  return [kept, ...(fence === null ? [] : [fence]), "", told].join("\n");
}

/** For the end of a fence, and empty lines. */
const MARGIN = 100;

/** The fence that a text leaves open; null where it leaves none. */
function openFence(text: string): string | null {
  let open: string | null = null;
  for (const line of text.split("\n")) {
    const fence = /^(`{3,})/u.exec(line)?.[1];
    if (fence === undefined) continue;
    if (open === null) open = fence;
    else if (line === open) open = null;
  }
  return open;
}
