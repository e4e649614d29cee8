/** What undoing a run would do, or does. */
import { labelled, paragraph, printLines, toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";
import { shellCommand } from "./words.ts";
import type { EffectPreview } from "#runner/core/undo/undo-preview.ts";

interface Preview {
  readonly effects: readonly EffectPreview[];
  readonly revert: readonly { readonly path: string; readonly was: string | null }[];
  readonly changed: readonly string[];
  readonly children: readonly Child[];
}

/** A run that something was handed over to; `preview: null`: what it did is not kept any more. */
interface Child {
  readonly run: string;
  readonly preview: Preview | null;
}

interface UndoInput {
  readonly run: string;
  readonly preview: Preview;
  /** It was asked for, not only looked at. */
  readonly isDone: boolean;
}

export function renderUndo({ run, preview, isDone }: UndoInput, look: Look): string {
  const isLeft = isLeftOf(preview);
  const itself = preview.children.length === 0 ? "" : " itself";
  const lines: Line[] = [
    [toned("strong", isLeft ? `UNDO ${run}` : `nothing of ${run}${itself} is left to undo`)],
    ...previewLines(preview, 2, look),
  ];
  const next: Line[] = isLeft && !isDone ? [[`  ${shellCommand(undoWords(run))}   does it`]] : [];
  return printLines([...lines, ...next, ...childrenLines(preview.children, look)], look);
}

function isLeftOf({ effects, revert }: Preview): boolean {
  return revert.length > 0 || effects.some(({ state }) => state === "open");
}

function previewLines({ effects, revert, changed }: Preview, indent: number, look: Look): Line[] {
  const place = { indent, labelWidth: 10, look };
  return [
    ...effects.flatMap((effect) => labelled(labels[effect.state], effectText(effect), place)),
    ...revert.flatMap(({ path, was }) => labelled(was === null ? "remove" : "revert", path, place)),
    ...changed.flatMap((path) => labelled("stays", `${path}: it was changed since`, place)),
  ];
}

const CHILDREN_SHOWN = 10;

/** What other runs did for it; those that did nothing which could be undone are left out. */
function childrenLines(children: readonly Child[], look: Look): Line[] {
  const all = allOf(children);
  if (all.length === 0) return [];
  const more = all.length - CHILDREN_SHOWN;
  return [
    [],
    ...paragraph("What it handed to other runs is undone run by run:", 0, look),
    ...all.slice(0, CHILDREN_SHOWN).flatMap((child) => childLines(child, look)),
    ...(more > 0 ? [[`  and ${more} more`]] : []),
  ];
}

/** With the children of children. */
function allOf(children: readonly Child[]): readonly Child[] {
  return children.flatMap((child) => {
    const { preview } = child;
    if (preview === null) return [child];
    const { effects, revert, changed } = preview;
    const isIdle = effects.length + revert.length + changed.length === 0;
    return [...(isIdle ? [] : [child]), ...allOf(preview.children)];
  });
}

function childLines({ run, preview }: Child, look: Look): Line[] {
  if (preview === null) return [[`  ${run}: what it did is not kept any more`]];
  const command = shellCommand(undoWords(run));
  return [
    ["  ", toned("strong", run)],
    ...previewLines(preview, 4, look),
    ...(isLeftOf(preview) ? [[`    ${command}   does it`]] : []),
  ];
}

function undoWords(run: string): readonly string[] {
  return ["fettle", "undo", run, "--yes"];
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
