/** One provider's way to say things. */
import type { Scene } from "./scene.ts";

export type Answer = Extract<Scene, { kind: "answer" }>;

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Format {
  readonly isAt: (path: string) => boolean;
  readonly isStream: (asked: Asked) => boolean;
  readonly modelOf: (asked: Asked) => string;
  readonly answer: (answer: Answer, model: string) => unknown;
  /** The stream in the pieces in which it is sent. */
  readonly events: (answer: Answer, asked: Asked, model: string) => readonly string[];
  readonly error: (status: number, message: string, retryDelay?: string) => unknown;
}

export function event(name: string | null, data: unknown): string {
  const line = `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
  return name === null ? line : `event: ${name}\n${line}`;
}

/** A text in two halves, as it comes in a stream. */
export function halves(text: string): readonly [string, string] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
