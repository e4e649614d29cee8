/** A tool that a model may call. */
export interface OfferedTool {
  /** `<server>__<tool>`. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  /** What the model is told; a failure is told too. Never rejects. */
  readonly call: (input: unknown) => Promise<string>;
}
