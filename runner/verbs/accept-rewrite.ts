/** `fettle accept-rewrite`: main was amended or force-pushed, and counts as it is. */
import { operatorsOf } from "#runner/core/operator.ts";
import { acceptRewrite, rewriteOf, type Rewrite } from "#runner/loop/accept-rewrite.ts";
import { expectOperator } from "#runner/loop/operator.ts";
import { counted } from "#runner/report/words.ts";
import { acting } from "./acting.ts";
import { heldSecret } from "./held-secret.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

const SHORT = 10;
const MOST_LISTED = 20;

export function acceptRewriteVerb(
  context: VerbContext,
  { reason }: { readonly reason: string | null },
): Promise<Answer> {
  return acting(context, async (engine, { seen, workspace }) => {
    const rewrite = await rewriteOf(engine, seen);
    if (rewrite === null) {
      const text = "nothing to accept: main contains the version that was applied last\n";
      return { exit: "ok", text, json: { accepted: null } };
    }
    const who = await expectOperator(engine.repository, operatorsOf(workspace.settings));
    if (!who.ok) return refused("refused", who.message, who.hint);
    const secret = heldSecret(engine, workspace, reason ?? "");
    if (secret !== undefined) return secret;
    const by = who.operator.email;
    const wish = { rewrite, by, reason: reason ?? "", observed: seen.observed };
    const accepted = await acceptRewrite(engine, wish, context.signal);
    if (!accepted.ok) return refused(accepted.exit, accepted.detail, "try again");
    return { exit: "ok", text: textOf(rewrite), json: { accepted: { ...rewrite, by } } };
  });
}

function textOf({ from, to, files }: Rewrite): string {
  const head = `main counts as it is: ${to.slice(0, SHORT)}, which does not contain ${from.slice(0, SHORT)}`;
  return `${head}\n${filesText(files)}  fettle reconcile   goes on from there\n`;
}

function filesText(files: Rewrite["files"]): string {
  if (files === null) return "  what it replaces is not in this clone any more\n";
  const listed = files.slice(0, MOST_LISTED).map((path) => `    ${path}\n`);
  const more = files.length - listed.length;
  const rest = more > 0 ? `    and ${more} more\n` : "";
  return `  ${counted(files.length, "file")} differ\n${listed.join("")}${rest}`;
}
