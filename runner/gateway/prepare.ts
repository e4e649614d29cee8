/** From the bytes of a request to what it asks for, or why it is not passed on. */
import { createHash } from "node:crypto";
import { estimatedInput } from "#runner/core/money/input-estimate.ts";
import { imagesIn } from "./attachment.ts";
import { isJsonObject, type JsonObject } from "#runner/core/json-object.ts";
import { parseJson } from "./json-value.ts";
import type { Settings } from "./options.ts";
import { type Pricing, pricingOf } from "./pricing.ts";
import {
  modelNotAllowed,
  noProgress,
  notMetered,
  type Refusal,
  unpriced,
  unreadable,
} from "./refusal.ts";
import { modelsOf, type Upstream } from "./upstream.ts";
import type { AnyVisit, Visit } from "./visit.ts";
import type { Asked } from "./provider-format.ts";

export interface Prepared {
  readonly upstream: Upstream;
  readonly body: JsonObject;
  readonly bytes: Buffer;
  readonly digest: string;
  readonly asked: Asked;
  readonly pricing: Pricing;
  readonly inputEstimate: number;
}

export type Preparation =
  | { readonly ok: true; readonly prepared: Prepared }
  | { readonly ok: false; readonly refusal: Refusal; readonly model: string | null };

export function prepare(visit: Visit, bytes: Buffer, settings: Settings): Preparation {
  const body = parseJson(bytes.toString("utf8"));
  if (!isJsonObject(body)) return refused(null, unreadable());
  const reading = visit.format.read(body, visit.route);
  if (!reading.ok) return refused(null, notMetered(reading.problem));
  const { asked } = reading;
  const upstream = upstreamFor(visit.upstreams, asked.model);
  if (upstream === undefined) return refused(asked.model, notAllowed(visit, asked.model));
  const pricing = pricingOf(upstream);
  if (pricing === undefined) return refused(asked.model, unpriced(asked.model));
  const digest = createHash("sha256").update(bytes).digest("hex");
  const times = visit.account.timesAnswered(digest);
  if (times >= settings.repeats) return refused(asked.model, noProgress(times));
  const perToken = settings.bytesPerToken(upstream.provider, asked.model);
  const estimate = estimateOf(body, bytes, { perToken });
  const inputEstimate = visit.account.corrected(asked.model, estimate);
  const prepared = { upstream, body, bytes, digest, asked, pricing, inputEstimate };
  return { ok: true, prepared };
}

/** The one of them that has the model. */
export function upstreamFor(upstreams: readonly Upstream[], model: string): Upstream | undefined {
  return upstreams.find((upstream) => modelsOf(upstream).includes(model));
}

export function notAllowed({ upstreams }: AnyVisit, model: string): Refusal {
  return modelNotAllowed(model, [...new Set(upstreams.flatMap(modelsOf))]);
}

function refused(model: string | null, refusal: Refusal): Preparation {
  return { ok: false, refusal, model };
}

function estimateOf(
  body: JsonObject,
  bytes: Buffer,
  { perToken }: { readonly perToken: number },
): number {
  const images = imagesIn(body);
  const chars = bytes.toString("utf8").length;
  return estimatedInput(
    { chars: chars - images.chars, bytes: bytes.length - images.chars, images: images.count },
    perToken,
  );
}
