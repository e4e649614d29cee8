/** Who the runner's commits are by; never an operator. */
export const RUNNER_EMAIL = "runner@fettle.invalid";
export const RUNNER_AUTHOR = { name: "fettle", email: RUNNER_EMAIL };

/** Whether a runner made the commit. */
export function isOwn({ committer }: { readonly committer: string }): boolean {
  return committer.includes(`<${RUNNER_EMAIL}>`);
}
