/** One conversation with a model: requests, with calls of tools between them, until it says something or may not go on. */
import {
  dynamicTool,
  type FinishReason,
  generateText,
  isStepCount,
  jsonSchema,
  type LanguageModelUsage,
  type ModelMessage,
  Output,
  type OutputInterface,
  type SystemModelMessage,
  type ToolSet,
} from "ai";
import type { JsonSchema, ModelSettings } from "#runner/schema/types.gen.ts";
import { modelOf } from "./language-model.ts";
import { modelFailure, type ModelFailure } from "./model-failure.ts";
import type { OfferedTool } from "./offered-tool.ts";

export interface TalkOptions {
  readonly provider: ModelSettings["provider"];
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
  readonly instructions: string;
  /** Others will begin with the same instructions soon. */
  readonly isRepeated: boolean;
  readonly maxOutputTokens: number;
  readonly schema: JsonSchema;
  readonly tools: readonly OfferedTool[];
  /** Requests at most. */
  readonly turns: number;
  readonly signal: AbortSignal;
}

export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

export type Talk = {
  readonly usage: Usage;
  /** What the model has said and what its tools have answered. */
  readonly messages: readonly ModelMessage[];
} & (
  | { readonly ok: true; readonly text: string; readonly finish: FinishReason }
  | { readonly ok: false; readonly failure: ModelFailure }
);

/** Retries nothing. With `isLast` no tool may be called any more. */
export async function talk(
  options: TalkOptions,
  said: readonly ModelMessage[],
  { isLast }: { readonly isLast: boolean },
): Promise<Talk> {
  // The library prints its warnings on standard error, where only the runner speaks.
  Reflect.set(globalThis, "AI_SDK_LOG_WARNINGS", false);
  const { maxOutputTokens, signal: abortSignal, turns } = options;
  const messages: ModelMessage[] = [];
  const usages: Usage[] = [];
  let text = "";
  const output = textOutput(options.schema, (all) => (text = all));
  const hasTools = options.tools.length > 0;
  try {
    const { finishReason: finish } = await generateText({
      model: await modelOf(options),
      instructions: instructionsOf(options),
      messages: [...said],
      output,
      ...(hasTools && { tools: toolSet(options.tools), toolChoice: isLast ? "none" : "auto" }),
      stopWhen: isStepCount(isLast ? 1 : turns),
      maxOutputTokens,
      maxRetries: 0,
      abortSignal,
      providerOptions: PROVIDER_OPTIONS,
      onStepEnd: ({ response, usage }) => {
        messages.push(...response.messages.filter(({ content }) => content.length > 0));
        usages.push(usageOf(usage));
      },
    });
    return { ok: true, text, finish, messages, usage: sumOfUsage(usages) };
  } catch (error) {
    const failure = modelFailure(error, abortSignal);
    return { ok: false, failure, messages, usage: sumOfUsage(usages) };
  }
}

/**
 * Strict schemas are not asked for: they refuse what agents' schemas may hold, such as optional fields, and what comes is
 * checked anyway. Nothing is left with the provider longer than the answer takes.
 */
const PROVIDER_OPTIONS = {
  openai: { strictJsonSchema: false, store: false },
  openaiCompatible: { strictJsonSchema: false },
};

/** Asks for JSON of this schema, and takes whatever text comes. */
function textOutput(schema: JsonSchema, take: (text: string) => void): OutputInterface<string> {
  const { responseFormat } = Output.object({
    schema: jsonSchema(JSON.parse(JSON.stringify(schema))),
  });
  return {
    name: "object",
    responseFormat,
    parseCompleteOutput: ({ text }) => {
      take(text);
      return Promise.resolve(text);
    },
    parsePartialOutput: () => Promise.resolve(undefined),
    createElementStreamTransform: () => undefined,
  };
}

/** Writing to a cache costs more than not to: worth it only where it will be read. Others than Anthropic decide that themselves. */
function instructionsOf({ instructions, isRepeated }: TalkOptions): SystemModelMessage {
  const cache = { anthropic: { cacheControl: { type: "ephemeral" } } };
  return {
    role: "system",
    content: instructions,
    ...(isRepeated && { providerOptions: cache }),
  };
}

function toolSet(tools: readonly OfferedTool[]): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, inputSchema, call }) => [
      name,
      dynamicTool({
        description,
        inputSchema: jsonSchema(inputSchema),
        execute: (input) => call(input),
      }),
    ]),
  );
}

function usageOf({ inputTokens, outputTokens }: LanguageModelUsage): Usage {
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
  };
}

/** What one of them does not say, the sum does not say either. */
export function sumOfUsage(usages: readonly Usage[]): Usage {
  const sum = (key: keyof Usage): number | undefined =>
    usages.length === 0
      ? undefined
      : usages.reduce<number | undefined>((total, { [key]: count }) => {
          return total === undefined || count === undefined ? undefined : total + count;
        }, 0);
  const [inputTokens, outputTokens] = [sum("inputTokens"), sum("outputTokens")];
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
  };
}
