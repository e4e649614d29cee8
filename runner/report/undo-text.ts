/** What undoing a run would do, or does. */
import { labelled, printLines, toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";
import type { EffectPreview } from "#runner/core/undo-preview.ts";

interface UndoInput {
  readonly run: string;
  readonly preview: {
    readonly effects: readonly EffectPreview[];
    readonly revert: readonly { readonly path: string; readonly was: string | null }[];
    readonly changed: readonly string[];
  };
  /** It was asked for, not only looked at. */
  readonly isDone: boolean;
}

export function renderUndo({ run, preview, isDone }: UndoInput, look: Look): string {
  const { effects, revert, changed } = preview;
  const place = { indent: 2, labelWidth: 10, look };
  const isLeft = revert.length > 0 || effects.some(({ state }) => state === "open");
  const lines: Line[] = [
    [toned("strong", isLeft ? `UNDO ${run}` : `nothing of ${run} is left to undo`)],
    ...effects.flatMap((effect) => labelled(labels[effect.state], effectText(effect), place)),
    ...revert.flatMap(({ path, was }) => labelled(was === null ? "remove" : "revert", path, place)),
    ...changed.flatMap((path) => labelled("stays", `${path}: it was changed since`, place)),
  ];
  const next: Line[] = isLeft && !isDone ? [[`  fettle undo ${run} --yes   does it`]] : [];
  return printLines([...lines, ...next], look);
}

const labels: Readonly<Record<EffectPreview["state"], string>> = {
  open: "undo",
  none: "cannot",
  undone: "undone",
  uncertain: "in doubt",
};

function effectText({ onceKey, state, how, told }: EffectPreview): string {
  const who = told.length === 0 ? "" : ` (to ${told.join(", ")})`;
  switch (state) {
    case "open":
      return `${onceKey}${who}, by ${how}`;
    case "none":
      return `${onceKey}${who}: ${how}`;
    case "undone":
      return `${onceKey}${who}`;
    case "uncertain":
      return `${onceKey}${who}: fettle answer says what is in doubt`;
  }
}
