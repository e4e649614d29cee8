/** The one place that redraws a terminal: ten times a second, each frame shown at once, the cursor given back in the end. */
import { setInterval } from "node:timers/promises";

export interface Terminal {
  readonly write: (text: string) => unknown;
  readonly columns?: number;
  readonly rows?: number;
  /** Whether others may have written to it since this was asked last. */
  readonly wasLeft?: () => boolean;
}

interface Frame {
  readonly frame: number;
  readonly columns: number;
  readonly rows: number;
}

const frameMs = 100;
const escape = "\u001b[";
const hideCursor = `${escape}?25l`;
export const SHOW_CURSOR = `${escape}?25h`;
/** Synchronized output: a terminal that knows it shows the frame at once, others ignore it. */
const beginFrame = `${escape}?2026h`;
const endFrame = `${escape}?2026l`;

/**
 * Draws the lines that `draw` gives until the signal aborts, then once more, and resolves with the cursor below them.
 * The lines must fit the width and be fewer than the rows. Only for a stream that is a TTY.
 */
export async function runLive(
  terminal: Terminal,
  draw: (frame: Frame) => readonly string[],
  signal: AbortSignal,
): Promise<void> {
  let frame = 0;
  let drawn = 0;
  const redraw = (): void => {
    const { columns = 80, rows = 24 } = terminal;
    const lines = draw({ frame, columns, rows });
    if (terminal.wasLeft?.() === true) {
      terminal.write(hideCursor);
      drawn = 0;
    }
    const up = drawn > 0 ? `${escape}${drawn}A` : "";
    const text = lines.map((line) => `${line}${escape}K\n`).join("");
    terminal.write(`${beginFrame}\r${up}${text}${escape}J${endFrame}`);
    frame += 1;
    drawn = lines.length;
  };
  terminal.write(hideCursor);
  try {
    redraw();
    await untilAborted(signal, redraw);
    redraw();
  } finally {
    terminal.write(SHOW_CURSOR);
  }
}

async function untilAborted(signal: AbortSignal, tick: () => void): Promise<void> {
  try {
    for await (const _ of setInterval(frameMs, undefined, { signal })) tick();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
