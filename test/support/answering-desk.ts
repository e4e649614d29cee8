/** A company that answers each message of its list once, in a run of its own. */
import { agent, pipeline, project, settings } from "./company.ts";
import type { Play } from "./rehearsal.ts";

const MESSAGE = {
  type: "object",
  required: ["id", "text"],
  properties: { id: { type: "string" }, text: { type: "string" } },
};

export const INBOX = {
  ...settings(),
  ...project("desk"),
  ...agent("lister", {
    outputs: {
      type: "object",
      required: ["messages"],
      properties: { messages: { type: "array", items: MESSAGE } },
    },
  }),
  ...agent("reader"),
  ...agent("scribe"),
  ...pipeline("desk/inbox", [
    { id: "list", agent: "lister" },
    {
      id: "each",
      pipeline: "answer",
      forEach: "${{ steps.list.outputs.messages }}",
      itemKey: "${{ item.id }}",
      with: { text: "${{ item.text }}" },
    },
    { id: "log", agent: "scribe", with: { items: "${{ steps.each.items }}" } },
  ]),
  ...pipeline(
    "desk/answer",
    [
      { id: "read", agent: "reader", with: { text: "${{ params.text }}" } },
      { id: "log", agent: "scribe", needs: ["read"] },
    ],
    {
      params: { text: { type: "string" } },
      outputs: { answer: { value: "${{ steps.read.outputs.answer }}", initial: "" } },
    },
  ),
};

/** The lister finds these messages. */
export function lists(...ids: readonly string[]): Play {
  return () => ({ outputs: { messages: ids.map((id) => ({ id, text: `text of ${id}` })) } });
}

/** What the reader answers. */
export const reads: Play = ({ inputs }) => ({
  outputs: { answer: `read ${String(inputs["text"])}` },
});
