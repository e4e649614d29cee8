import { expect, test } from "vitest";
import { runLive } from "#runner/report/live-terminal.ts";

function fakeTerminal(): { written: string[]; write: (text: string) => void; columns: number } {
  const written: string[] = [];
  return { written, write: (text) => void written.push(text), columns: 60 };
}

test("each frame is drawn over the last one and the cursor comes back", async () => {
  const terminal = fakeTerminal();
  const stop = new AbortController();

  await runLive(
    terminal,
    ({ frame, columns, rows }) => {
      if (frame === 2) stop.abort();
      return [`frame ${frame}`, `${columns} × ${rows}`];
    },
    stop.signal,
  );

  const [hide, first, second] = terminal.written;
  expect(hide).toBe("\u001b[?25l");
  expect(first).toBe("\u001b[?2026h\rframe 0\u001b[K\n60 × 24\u001b[K\n\u001b[J\u001b[?2026l");
  expect(second).toContain("\u001b[2A");
  expect(terminal.written.at(-1)).toBe("\u001b[?25h");
  expect(terminal.written.filter((text) => text.includes("frame"))).toHaveLength(4);
});

test("after others have written the next frame stands below what they wrote, without the cursor", async () => {
  const terminal = fakeTerminal();
  const stop = new AbortController();
  let drawn = 0;

  await runLive(
    { ...terminal, wasLeft: () => drawn === 2 },
    () => {
      drawn += 1;
      if (drawn === 3) stop.abort();
      return ["line"];
    },
    stop.signal,
  );

  const [hidden, first, hiddenAgain, second, third] = terminal.written;
  expect([hidden, hiddenAgain]).toEqual(["\u001b[?25l", "\u001b[?25l"]);
  expect(second).toBe(first);
  expect(third).toContain("\u001b[1A");
});

test("an aborted signal still draws the last state", async () => {
  const terminal = fakeTerminal();

  await runLive(terminal, () => ["done"], AbortSignal.abort());

  expect(terminal.written.at(-2)).toContain("done");
});

test("a drawing that throws gives the cursor back and ends with its error", async () => {
  const terminal = fakeTerminal();

  const live = runLive(
    terminal,
    ({ frame }) => {
      if (frame === 1) throw new Error("bug");
      return [];
    },
    new AbortController().signal,
  );

  await expect(live).rejects.toThrow("bug");
  expect(terminal.written.at(-1)).toBe("\u001b[?25h");
});
