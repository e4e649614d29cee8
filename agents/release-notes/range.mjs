/**
 * @typedef {{ oid: string, parents: string[], at: string, subject: string, body?: string, files?: { path: string }[] }} Commit
 * @typedef {{ name: string, oid: string, at: string }} Tag
 */

/**
 * Commits to write about: everything after `since`, newest first.
 * @param {{ commits: readonly Commit[], tags: readonly Tag[] }} log
 * @param {string} since tag, at least seven digits of a commit, a date; empty: the newest tag, else the beginning
 * @returns {{ since: string, commits: readonly Commit[] } | undefined} undefined when there is no such point
 */
export function commitsSince({ commits, tags }, since) {
  const known = new Set(commits.map(({ oid }) => oid));
  if (since === "") {
    const reached = tags.filter(({ oid }) => known.has(oid));
    const newest = reached.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
    if (newest === undefined) return { since, commits };
    return { since: newest.name, commits: notReachable(commits, newest.oid) };
  }
  if (/^\d{4}-\d\d-\d\d$/.test(since))
    return { since, commits: commits.filter(({ at }) => Date.parse(at) >= Date.parse(since)) };
  const tagged = tags.find(({ name }) => name === since)?.oid;
  const matching = commits.filter(({ oid }) => since.length >= 7 && oid.startsWith(since));
  const oid = tagged ?? (matching.length === 1 ? matching[0]?.oid : undefined);
  return oid === undefined || !known.has(oid)
    ? undefined
    : { since, commits: notReachable(commits, oid) };
}

/** @param {readonly Commit[]} commits @param {string} from @returns {readonly Commit[]} */
function notReachable(commits, from) {
  const parents = new Map(commits.map((commit) => [commit.oid, commit.parents]));
  const reached = new Set([from]);
  for (const oid of reached) for (const parent of parents.get(oid) ?? []) reached.add(parent);
  return commits.filter(({ oid }) => !reached.has(oid));
}
