/** The language of prose templates: a closed part of Handlebars, and what a template reads. */
import Handlebars from "handlebars";
import { proseHelpers } from "./prose-helper.ts";

export type ProseSyntax =
  | { readonly ok: true; readonly program: hbs.AST.Program; readonly reads: readonly ProseRead[] }
  | { readonly ok: false; readonly reason: string };

/** A name that a template reads: its path from the root, and where it stands, from 1. */
export interface ProseRead {
  /** `[]` for an element of a list. */
  readonly path: readonly string[];
  readonly line: number;
  readonly col: number;
  readonly endCol: number;
}

export const PROSE_BLOCKS: readonly string[] = ["each", "if", "unless", "with"];

const LARGEST_TEMPLATE = 32 * 1024;
/** Handlebars needs seconds for thousands of nested blocks. */
const DEEPEST = 32;

/** Parses a template; partials, decorators and helpers of other names are refused. */
export function parseProse(template: string): ProseSyntax {
  if (template.length > LARGEST_TEMPLATE)
    return { ok: false, reason: "the template is larger than 32 KiB" };
  if (depthOf(template) > DEEPEST)
    return { ok: false, reason: `blocks are nested deeper than ${DEEPEST}` };
  try {
    const program = Handlebars.parse(template);
    const reader = new Reader();
    reader.accept(program);
    return { ok: true, program, reads: reader.reads };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** First line and place of what Handlebars or a helper says. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? "";
}

/** Deepest nesting, from the tags alone: it must be known before parsing. `else if` nests too, until its block ends. */
function depthOf(template: string): number {
  const blocks: number[] = [];
  let calls = 0;
  let deepest = 0;
  for (const [token] of template.matchAll(
    /[()]|\{\{(?:~?\s*(?:#|\^\s*[^\s~}]|\/|else\s+[^\s~}]))?/g,
  )) {
    if (token === "(") calls += 1;
    else if (token === ")") calls -= 1;
    else calls = 0;
    if (token.endsWith("/")) blocks.pop();
    else if (token.includes("else")) blocks.push((blocks.pop() ?? 0) + 1);
    else if (/[#^]/.test(token)) blocks.push(1);
    deepest = Math.max(deepest, calls, levels(blocks));
    if (deepest > DEEPEST) break;
  }
  return deepest;
}

function levels(blocks: readonly number[]): number {
  return blocks.reduce((sum, level) => sum + level, 0);
}

/** Collects the paths from the root that a template reads; an element of a list is written `[]`. */
class Reader extends Handlebars.Visitor {
  readonly reads: ProseRead[] = [];
  /** Where names start, innermost last: the path of the block's value. */
  private contexts: readonly (readonly string[])[] = [[]];
  private names: ReadonlyMap<string, readonly string[]> = new Map();

  override BlockStatement(block: hbs.AST.BlockStatement): void {
    const helper = pathOf(block.path)?.original ?? "";
    if (!PROSE_BLOCKS.includes(helper)) {
      throw new Error(
        `unknown block {{#${helper}}}${placeOf(block)}; there are ${PROSE_BLOCKS.join(", ")}`,
      );
    }
    this.readArguments(block);
    this.within(this.contextOf(helper, block.params[0]), block.program);
    this.within(undefined, block.inverse);
  }

  override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
    this.readCall(mustache);
  }

  override SubExpression(call: hbs.AST.SubExpression): void {
    this.readCall(call);
  }

  override PathExpression(path: hbs.AST.PathExpression): void {
    const resolved = this.resolve(path);
    if (resolved !== undefined && resolved[0] !== "?" && resolved.length > 0) {
      const { start, end } = path.loc;
      const endCol = end.line === start.line ? end.column + 1 : start.column + 2;
      this.reads.push({ path: resolved, line: start.line, col: start.column + 1, endCol });
    }
  }

  override PartialStatement(partial: hbs.AST.PartialStatement): void {
    throw new Error(`partials are not supported${placeOf(partial)}`);
  }

  override PartialBlockStatement(partial: hbs.AST.PartialBlockStatement): void {
    throw new Error(`partials are not supported${placeOf(partial)}`);
  }

  override Decorator(decorator: hbs.AST.Decorator): void {
    throw new Error(`decorators are not supported${placeOf(decorator)}`);
  }

  override DecoratorBlock(decorator: hbs.AST.DecoratorBlock): void {
    throw new Error(`decorators are not supported${placeOf(decorator)}`);
  }

  private readCall(call: hbs.AST.MustacheStatement | hbs.AST.SubExpression): void {
    const path = pathOf(call.path);
    const name = path?.original ?? "";
    const isCall =
      call.type === "SubExpression" || call.params.length > 0 || call.hash !== undefined;
    if (!isCall) {
      if (path !== undefined) this.PathExpression(path);
    } else if (!Object.hasOwn(proseHelpers, name)) {
      throw new Error(
        `unknown helper ${name}${placeOf(call)}; there are ${Object.keys(proseHelpers).join(", ")}`,
      );
    }
    this.readArguments(call);
  }

  private readArguments({ params, hash }: Pick<hbs.AST.SubExpression, "params" | "hash">): void {
    for (const param of params) this.accept(param);
    for (const { value } of hash?.pairs ?? []) this.accept(value);
  }

  /** Where names start inside a block; undefined when it changes nothing. */
  private contextOf(
    helper: string,
    subject: hbs.AST.Node | undefined,
  ): readonly string[] | undefined {
    if (helper !== "each" && helper !== "with") return undefined;
    const value = (subject && this.resolve(subject)) ?? UNKNOWN;
    return helper === "each" ? [...value, "[]"] : value;
  }

  /** Visits the inside of a block; a path makes it the new start of names. */
  private within(
    context: readonly string[] | undefined,
    program: hbs.AST.Program | undefined,
  ): void {
    if (program === undefined) return;
    const { contexts, names } = this;
    if (context !== undefined) {
      this.contexts = [...contexts, context];
      const [value, key] = program.blockParams ?? [];
      const bound = [
        [value, context],
        [key, UNKNOWN],
      ] as const;
      this.names = new Map([
        ...names,
        ...bound.flatMap(([name, path]) => (name === undefined ? [] : [[name, path] as const])),
      ]);
    }
    this.accept(program);
    Object.assign(this, { contexts, names });
  }

  private resolve(node: hbs.AST.Node): readonly string[] | undefined {
    const path = pathOf(node);
    if (path === undefined) return undefined;
    const [first = "", ...rest] = path.parts;
    if (path.data) return first === "root" ? rest : UNKNOWN;
    const bound =
      path.depth === 0 && !path.original.startsWith("this") ? this.names.get(first) : undefined;
    if (bound !== undefined) return [...bound, ...rest];
    const context = this.contexts.at(-1 - path.depth) ?? UNKNOWN;
    return [...context, ...path.parts.map((part) => (/^\d+$/.test(part) ? "[]" : part))];
  }
}

/** The start of a path that does not begin at the root: a key, an index, the result of a helper. */
const UNKNOWN: readonly string[] = ["?"];

function pathOf(node: hbs.AST.Node): hbs.AST.PathExpression | undefined {
  return isPath(node) ? node : undefined;
}

function isPath(node: hbs.AST.Node): node is hbs.AST.PathExpression {
  return node.type === "PathExpression";
}

function placeOf({ loc }: hbs.AST.Node): string {
  return ` at line ${loc.start.line}`;
}
