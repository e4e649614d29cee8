/** Prose for people and models: Handlebars, strict, without escaping, in an instance of its own. */
import Handlebars from "handlebars";
import { proseHelpers } from "./prose-helper.ts";
import { parseProse, PROSE_BLOCKS, reasonOf } from "./prose-syntax.ts";

export type Prose =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

const LARGEST_TEXT = 1024 * 1024;
const MOST_CACHED = 64;

/**
 * Renders a template over plain data. A value that is missing, or that is no text, number or boolean where it is
 * printed, is a failure; blocks over a missing value are empty. Values are never read as templates.
 */
export function renderProse(template: string, data: object): Prose {
  const render = compile(template);
  if (typeof render === "string") return { ok: false, reason: render };
  try {
    const text = render(data);
    if (text.includes("[object Object]"))
      return { ok: false, reason: "it prints an object; use {{json …}}" };
    if (text.length > LARGEST_TEXT) return { ok: false, reason: "the text is larger than 1 MiB" };
    return { ok: true, text };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

type Render = (data: object) => string;

const instance = isolatedInstance();
/** One template is rendered for every item of a list. */
const compiled = new Map<string, Render>();

function compile(template: string): Render | string {
  const known = compiled.get(template);
  if (known !== undefined) return known;
  const syntax = parseProse(template);
  if (!syntax.ok) return syntax.reason;
  const render = instance.compile<object>(syntax.program, {
    strict: true,
    noEscape: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(Object.keys(instance.helpers).map((name) => [name, true])),
  });
  if (compiled.size >= MOST_CACHED) compiled.clear();
  compiled.set(template, render);
  return render;
}

function isolatedInstance(): typeof Handlebars {
  const own = Handlebars.create();
  for (const name of Object.keys(own.helpers)) {
    if (!PROSE_BLOCKS.includes(name) && !name.endsWith("Missing")) own.unregisterHelper(name);
  }
  own.registerHelper({ ...proseHelpers });
  return own;
}
