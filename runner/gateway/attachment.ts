/** Images, sound and files in a request: bytes do not tell their tokens. */
import { isJsonObject, type JsonObject } from "#runner/core/json-object.ts";
import { objectAt, textAt } from "./json-value.ts";

const REMOTE =
  "it names content that the provider fetches by itself, so that nobody here knows how many tokens it has: send the content";
const SOUND = "sound has a price of its own";

/** A problem in words where a part of the request cannot be estimated or priced. */
export function unmeteredPart(content: unknown): string | undefined {
  if (Array.isArray(content)) {
    return content.map(unmeteredPart).find((problem) => problem !== undefined);
  }
  if (!isJsonObject(content)) return undefined;
  if (isRemote(content)) return REMOTE;
  if (isSound(content)) return SOUND;
  return unmeteredPart(HOLDERS.map((key) => content[key]));
}

/** Where a part holds further ones. */
const HOLDERS = ["content", "parts", "output", "source", "functionResponse", "function_response"];

const REMOTE_BY_TYPE: Readonly<Record<string, (part: JsonObject) => boolean>> = {
  input_file: (part) => isSet(part, "file_id") || isSet(part, "file_url"),
  input_image: (part) => isSet(part, "file_id"),
  file: (part) => isSet(objectAt(part, "file"), "file_id"),
  image: ({ source }) => textAt(source, "type") === "file",
  document: ({ source }) => ["file", "url"].includes(textAt(source, "type") ?? ""),
  container_upload: () => true,
  item_reference: () => true,
  image_generation_call: () => true,
  video_url: () => true,
  computer_call_output: ({ output }) => isJsonObject(output) && isSet(output, "file_id"),
};

function isRemote(part: JsonObject): boolean {
  const rule = REMOTE_BY_TYPE[textAt(part, "type") ?? ""];
  if (rule !== undefined && rule(part)) return true;
  return isJsonObject(part["fileData"]) || isJsonObject(part["file_data"]) || isReference(part);
}

/** An item of which only the name is sent: the provider has kept the rest. */
function isReference(part: JsonObject): boolean {
  if (!isSet(part, "id")) return false;
  const keys = Object.keys(part).filter((key) => isSet(part, key));
  const isThought = textAt(part, "type") === "reasoning";
  const isKept = isThought && !isSet(part, "encrypted_content") && !isSet(part, "content");
  return isKept || keys.every((key) => key === "id" || key === "type");
}

function isSet(part: JsonObject, key: string): boolean {
  return (part[key] ?? undefined) !== undefined;
}

function isSound(part: JsonObject): boolean {
  const inline = isJsonObject(part["inlineData"]) ? part["inlineData"] : part["inline_data"];
  return (
    part["type"] === "input_audio" || mediaKind(inline)?.toLowerCase().startsWith("audio/") === true
  );
}

export interface Images {
  readonly count: number;
  /** Characters of the body that are their content. */
  readonly chars: number;
}

const NO_IMAGES: Images = { count: 0, chars: 0 };

/** Images of a request, inline or by address; what tools are given and what they give is text, whatever it looks like. */
export function imagesIn(value: unknown): Images {
  if (Array.isArray(value)) return sumOf(value.map(imagesIn));
  if (!isJsonObject(value)) return NO_IMAGES;
  const chars = inlineChars(value) ?? linkedChars(value);
  if (chars !== undefined) return { count: 1, chars };
  return sumOf(
    Object.entries(value).flatMap(([key, part]) => (isText(key, part) ? [] : [imagesIn(part)])),
  );
}

/** Members that hold the values and schemas of tools; `input` is one too where it is no list of items. */
const OF_TOOLS = new Set(["args", "response", "arguments", "parameters", "input_schema", "tools"]);

function isText(key: string, part: unknown): boolean {
  return OF_TOOLS.has(key) || (key === "input" && !Array.isArray(part));
}

function inlineChars(value: JsonObject): number | undefined {
  const { data } = value;
  const isImage = mediaKind(value)?.toLowerCase().startsWith("image/") === true;
  return isImage && typeof data === "string" ? data.length : undefined;
}

function linkedChars(value: JsonObject): number | undefined {
  if (value["type"] === "url" && typeof value["url"] === "string") return 0;
  const link = textAt(value, "image_url") ?? textAt(value["image_url"], "url");
  if (link === undefined) return undefined;
  return link.startsWith("data:image/") ? link.length : 0;
}

function mediaKind(value: unknown): string | undefined {
  return textAt(value, "media_type") ?? textAt(value, "mimeType") ?? textAt(value, "mime_type");
}

function sumOf(images: readonly Images[]): Images {
  return images.reduce(
    (sum, { count, chars }) => ({ count: sum.count + count, chars: sum.chars + chars }),
    NO_IMAGES,
  );
}
