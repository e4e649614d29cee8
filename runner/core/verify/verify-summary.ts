/** The summary files as they must stand, byte for byte. */
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { Summaries } from "#runner/core/model.ts";
import {
  inventoryPath,
  LIVE_WORKSPACE_PATH,
  livePath,
  statsPath,
} from "#runner/core/state-path.ts";

const SUMMARY = /^(live|inventory|stats)\/([^/]+)\.json$/;

export function isSummaryPath(path: string): boolean {
  return SUMMARY.test(path);
}

/** The text at `path`; null when there is no such file. */
export function summaryText(summaries: Summaries, path: string): string | null {
  const value = summaryAt(summaries, path);
  return value === undefined ? null : `${canonicalJson(value)}\n`;
}

function summaryAt(summaries: Summaries, path: string): object | undefined {
  if (path === LIVE_WORKSPACE_PATH) return summaries.workspace;
  const [, folder, name = ""] = SUMMARY.exec(path) ?? [];
  if (folder === "live") return summaries.projects.get(name);
  if (folder === "inventory") return summaries.inventories.get(name);
  return folder === "stats" ? summaries.stats.get(name) : undefined;
}

/** Paths whose content may differ between two moments. */
export function summaryPaths(before: Summaries, after: Summaries): readonly string[] {
  return [
    ...(before.workspace === after.workspace ? [] : [LIVE_WORKSPACE_PATH]),
    ...changed(before.projects, after.projects).map(livePath),
    ...changed(before.inventories, after.inventories).map(inventoryPath),
    ...changed(before.stats, after.stats).map(statsPath),
  ];
}

function changed(
  before: ReadonlyMap<string, object>,
  after: ReadonlyMap<string, object>,
): readonly string[] {
  if (before === after) return [];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name));
}
