/** Path patterns: `*` matches within a folder, `**` as a whole segment matches any folders, `?` one character. */

/** True when the pattern matches the whole path; both are relative, with `/` between segments. */
export function matchesGlob(glob: string, path: string): boolean {
  return matchesSequence(glob.split("/"), path.split("/"), {
    isMany: (part) => part === "**",
    matchesOne: matchesSegment,
  });
}

/** True when any of the patterns matches. */
export function matchesAnyGlob(globs: readonly string[], path: string): boolean {
  return globs.some((glob) => matchesGlob(glob, path));
}

function matchesSegment(pattern: string, name: string): boolean {
  return matchesSequence(Array.from(pattern), Array.from(name), {
    isMany: (part) => part === "*",
    matchesOne: (part, character) => part === "?" || part === character,
  });
}

interface Parts<Part> {
  readonly isMany: (part: Part) => boolean;
  readonly matchesOne: (part: Part, element: string) => boolean;
}

/** Wildcards by going back to the last `many` only, so the time is at most pattern × text, whatever the pattern. */
export function matchesSequence<Part>(
  pattern: readonly Part[],
  text: readonly string[],
  parts: Parts<Part>,
): boolean {
  let at = 0;
  let retry: { readonly after: number; from: number } | undefined;
  for (let position = 0; position < text.length;) {
    const part = pattern[at];
    if (part !== undefined && parts.isMany(part)) {
      retry = { after: ++at, from: position };
    } else if (part !== undefined && parts.matchesOne(part, text[position] ?? "")) {
      at++;
      position++;
    } else if (retry !== undefined) {
      at = retry.after;
      position = ++retry.from;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every(parts.isMany);
}
