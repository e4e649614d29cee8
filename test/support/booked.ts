/** What a runner books for an action that needs no execution, where there is no git. */
import type { Action } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { answerEffect } from "#runner/loop/carry-answer.ts";
import { adoptEdits } from "#runner/loop/carry-edit.ts";
import { noteGate, queueGate } from "#runner/loop/carry-gate.ts";
import {
  applyProject,
  finishRun,
  removeProject,
  settleRequest,
  stallProject,
  startRun,
} from "#runner/loop/carry-run.ts";
import { adoptStep } from "#runner/loop/carry-step.ts";
import { endWait } from "#runner/loop/carry-wait.ts";
import type { View } from "#runner/loop/engine.ts";
import { openedGate, settledGate } from "./gate-booking.ts";

export function booked(view: View, action: Action, at: string): readonly Transaction[] {
  switch (action.kind) {
    case "project-apply":
      return [applyProject(action, at)];
    case "project-stall":
      return [stallProject(action, at)];
    case "edit-adopt":
      return [adoptEdits(action, at)];
    case "request-settle":
      return [settleRequest(action, at)];
    case "run-start":
    case "goal-measure":
      return [startRun(view, action, at)];
    case "run-finish":
    case "run-cancel":
      return [finishRun(view, action, at)];
    case "wait-end":
      return [endWait(action, at)];
    case "step-adopt":
      return [adoptStep(view, action, at)];
    case "gate-open":
      return [openedGate(action, at)];
    case "gate-queue":
      return [queueGate(action, at)];
    case "gate-settle":
      return [settledGate(view, action, at)];
    case "gate-note":
      return [noteGate(view, action, at)];
    case "resource-prune":
      return [removeProject(action, at)];
    case "effect-answer":
      return [answerEffect(view, action, at)];
    case "step-start":
    case "step-compensate":
    case "deliver":
    case "state-compact":
    case "payload-drop":
      return [];
  }
}
