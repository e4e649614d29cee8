/** CEL source to fettle's tree: the library reads the grammar, this file says which of it is available. */
import { type ASTNode, Environment, ParseError } from "@marcbachmann/cel-js";
import {
  type BinaryOperator,
  isOptionalRead,
  isRead,
  type Literal,
  type MacroName,
  type Span,
  type Tree,
  type TreeOf,
} from "./expression-tree.ts";

export interface SyntaxProblem extends Span {
  readonly message: string;
}

export type Parsed =
  | { readonly ok: true; readonly tree: Tree }
  | { readonly ok: false; readonly problems: readonly SyntaxProblem[] };

type Node<Operator extends ASTNode["op"]> = Extract<ASTNode, { readonly op: Operator }>;

/** Operators of the grammar that are not operators to a reader. */
type Primary = "value" | "id" | "." | ".?" | "[]" | "[?]" | "call" | "rcall" | "list";

/** Bounds the depth of the recursion over a tree, so that no source can exhaust the stack. */
const MAX_NODES = 1000;
const MAX_INTEGER = 2n ** 63n - 1n;
const MIN_INTEGER = -(2n ** 63n);

let known: Environment | undefined;

/** Made when the first expression is read: that takes longer than a tick without one. */
function grammar(): Environment {
  known ??= new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: MAX_NODES },
  });
  return known;
}

/** Reads one expression; a parse error is the only problem then, what is not available is reported all at once. */
export function parseExpression(source: string): Parsed {
  try {
    const problems: SyntaxProblem[] = [];
    const tree = new Lowering(problems).operand(grammar().parse(source).ast);
    return problems.length === 0 ? { ok: true, tree } : { ok: false, problems };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { start, end } = error.range ?? { start: 0, end: source.length };
    return {
      ok: false,
      problems: [{ message: syntaxMessage(source, error), offset: start, length: end - start }],
    };
  }
}

function syntaxMessage(source: string, error: ParseError): string {
  if (source.trim() === "") return "an expression is missing";
  if (source.includes("${{")) return "this is an expression already: write it without `${{ }}`";
  return error.summary;
}

/** One walk over the library's tree; anything unavailable becomes a problem and a null in its place. */
class Lowering {
  readonly #problems: SyntaxProblem[];

  constructor(problems: SyntaxProblem[]) {
    this.#problems = problems;
  }

  /** A tree that must give a value: a chain with `.?` in it has to be answered by `orValue` or `hasValue`. */
  operand(node: ASTNode): Tree {
    const tree = this.#lower(node);
    if (!isOptionalRead(tree)) return tree;
    return this.#refuse(node, "a chain with `.?` must end in `.orValue(…)` or `.hasValue()`");
  }

  #lower(node: ASTNode): Tree {
    const at = spanOf(node);
    if (node.op === "value") return this.#literal(node, node.args);
    if (node.op === "id") return { kind: "variable", name: node.args, at };
    if (node.op === "." || node.op === ".?") return this.#field(node, node.args[1]);
    if (node.op === "[]" || node.op === "[?]") return this.#element(node);
    if (node.op === "call") return this.#call(node, node.args[0], node.args[1]);
    if (node.op === "rcall") return this.#method(node);
    if (node.op === "list") return { kind: "list", items: this.#operands(node.args), at };
    return this.#lowerOperator(node);
  }

  #lowerOperator(node: Exclude<ASTNode, Node<Primary>>): Tree {
    const at = spanOf(node);
    if (node.op === "map") {
      return { kind: "map", entries: node.args.map((entry) => this.#entry(entry)), at };
    }
    if (node.op === "?:") return this.#choice(node);
    if (node.op === "&&") return { kind: "and", operands: this.#flat("and", node.args), at };
    if (node.op === "||") return { kind: "or", operands: this.#flat("or", node.args), at };
    if (node.op === "!_") return { kind: "not", operand: this.operand(node.args), at };
    if (node.op === "-_") return this.#negative(node);
    if (node.op === "==" || node.op === "!=") return this.#equality(node);
    return this.#operation(node);
  }

  #choice(node: Node<"?:">): Tree {
    const [condition, whenTrue, whenFalse] = node.args;
    return {
      kind: "choice",
      condition: this.operand(condition),
      whenTrue: this.operand(whenTrue),
      whenFalse: this.operand(whenFalse),
      at: spanOf(node),
    };
  }

  #operation(node: Node<BinaryOperator>): Tree {
    const [left, right] = node.args;
    return {
      kind: "operation",
      operator: node.op,
      left: this.operand(left),
      right: this.operand(right),
      at: spanOf(node),
    };
  }

  /** A comparison with a literal null asks whether there is a value. */
  #equality(node: Node<"==" | "!=">): Tree {
    const [left, right] = node.args;
    if (!isNull(left) && !isNull(right)) return this.#operation(node);
    const target = isNull(right) ? left : right;
    const present: Tree = { kind: "present", target: this.#lower(target), at: spanOf(node) };
    return node.op === "!=" ? present : { kind: "not", operand: present, at: spanOf(node) };
  }

  #flat(kind: "and" | "or", sides: readonly ASTNode[]): readonly Tree[] {
    return this.#operands(sides).flatMap((side) => (side.kind === kind ? side.operands : [side]));
  }

  #negative(node: Node<"-_">): Tree {
    const { op, args } = node.args;
    if (op === "value" && typeof args === "bigint") return this.#literal(node, -args);
    return { kind: "negative", operand: this.operand(node.args), at: spanOf(node) };
  }

  #literal(node: ASTNode, value: Node<"value">["args"]): Tree {
    const at = spanOf(node);
    if (typeof value === "bigint" && (value > MAX_INTEGER || value < MIN_INTEGER)) {
      return this.#refuse(node, "the integer does not fit in 64 bits");
    }
    if (isLiteral(value)) return { kind: "literal", value, at };
    return this.#refuse(node, "unsigned integers and bytes are not available");
  }

  #field(node: Node<"." | ".?" | "[]" | "[?]">, name: string): Tree {
    const object = this.#lower(node.args[0]);
    const optional = node.op === ".?" || node.op === "[?]" || isOptionalRead(object);
    return { kind: "field", object, name, optional, at: spanOf(node) };
  }

  #element(node: Node<"[]" | "[?]">): Tree {
    const [list, position] = node.args;
    if (position.op === "value" && typeof position.args === "string") {
      return this.#field(node, position.args);
    }
    const object = this.#lower(list);
    const optional = node.op === "[?]" || isOptionalRead(object);
    return { kind: "element", object, key: this.operand(position), optional, at: spanOf(node) };
  }

  #entry([key, value]: readonly [ASTNode, ASTNode]): { readonly key: Tree; readonly value: Tree } {
    return { key: this.operand(key), value: this.operand(value) };
  }

  #call(node: ASTNode, name: string, given: readonly ASTNode[]): Tree {
    if (name !== "has") {
      return { kind: "call", name, arguments: this.#operands(given), at: spanOf(node) };
    }
    const [argument] = given;
    const target = argument === undefined ? undefined : this.#lower(argument);
    if (target === undefined || given.length > 1 || !isRead(target)) {
      return this.#refuse(node, "`has(…)` takes one field, such as `has(item.dueDate)`");
    }
    return { kind: "present", target, at: spanOf(node) };
  }

  /** `x.f(y)` is `f(x, y)`, unless `f` is a macro or belongs to optional chains. */
  #method(node: Node<"rcall">): Tree {
    const [name, receiver, given] = node.args;
    if (isMacroName(name)) return this.#macro(node, name);
    if (name === "orValue" && given.length === 1) return this.#orValue(node);
    if (name === "hasValue" && given.length === 0) {
      return { kind: "present", target: this.#lower(receiver), at: spanOf(node) };
    }
    return this.#call(node, name === "has" ? "has()" : name, [receiver, ...given]);
  }

  #orValue(node: Node<"rcall">): Tree {
    const [, receiver, given] = node.args;
    const target = this.#lower(receiver);
    const [otherwise] = this.#operands(given);
    if (otherwise === undefined || !isRead(target)) {
      return this.#refuse(node, '`.orValue(…)` follows a field, such as `item.?note.orValue("")`');
    }
    return { kind: "orValue", target, otherwise, at: spanOf(node) };
  }

  #macro(node: Node<"rcall">, name: MacroName): Tree {
    const [, receiver, [variable, ...rest]] = node.args;
    const trees = this.#operands(rest);
    const shape = macroShape(name, trees);
    if (variable?.op !== "id" || shape === undefined) {
      return this.#refuse(
        node,
        `write \`list.${name}(x, ${name === "map" ? "value" : "condition"})\``,
      );
    }
    const list = this.operand(receiver);
    return { kind: "macro", name, list, variable: variable.args, ...shape, at: spanOf(node) };
  }

  #operands(nodes: readonly ASTNode[]): readonly Tree[] {
    return nodes.map((node) => this.operand(node));
  }

  #refuse(node: ASTNode, message: string): Tree {
    this.#problems.push({ message, ...spanOf(node) });
    return { kind: "literal", value: null, at: spanOf(node) };
  }
}

function macroShape(
  name: MacroName,
  [first, second, ...others]: readonly Tree[],
): Pick<TreeOf<"macro">, "condition" | "result"> | undefined {
  if (first === undefined || others.length > 0) return undefined;
  if (name === "map") {
    return second === undefined
      ? { condition: undefined, result: first }
      : { condition: first, result: second };
  }
  return second === undefined ? { condition: first, result: undefined } : undefined;
}

function isMacroName(name: string): name is MacroName {
  return ["all", "exists", "exists_one", "filter", "map"].includes(name);
}

function isNull(node: ASTNode): boolean {
  return node.op === "value" && node.args === null;
}

function isLiteral(value: unknown): value is Literal {
  return value === null || ["boolean", "string", "number", "bigint"].includes(typeof value);
}

function spanOf(node: ASTNode): Span {
  return { offset: node.start, length: node.end - node.start };
}
