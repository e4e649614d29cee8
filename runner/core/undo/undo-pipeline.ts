/** The implicit pipeline `undo.<name>`, whose runs undo what runs of another one did. */
const PREFIX = "undo.";

export function undoPipelineOf(pipeline: string): string {
  return `${PREFIX}${pipeline}`;
}

/** Pipeline whose run is undone by a run of this one; null for other pipelines. */
export function undonePipeline(pipeline: string): string | null {
  return pipeline.startsWith(PREFIX) ? pipeline.slice(PREFIX.length) : null;
}
