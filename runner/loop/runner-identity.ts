/** Who the runner's commits are by; never an operator. */
export const RUNNER_EMAIL = "runner@fettle.invalid";
export const RUNNER_AUTHOR = { name: "fettle", email: RUNNER_EMAIL };
