/** A model as the AI library knows it; each provider's part loads when it is asked. */
import type { LanguageModel } from "ai";
import type { ModelSettings } from "#runner/schema/types.gen.ts";

interface Asked {
  readonly provider: ModelSettings["provider"];
  /** As the door gives it. */
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
}

/** Retries are the runner's, and no redirect leads elsewhere. */
export async function modelOf({ provider, baseUrl, key, model }: Asked): Promise<LanguageModel> {
  const site = { apiKey: key, fetch: stayingFetch };
  switch (provider) {
    case "anthropic": {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      return createAnthropic({ ...site, baseURL: `${baseUrl}/v1` })(model);
    }
    case "openai": {
      const { createOpenAI } = await import("@ai-sdk/openai");
      return createOpenAI({ ...site, baseURL: baseUrl }).responses(model);
    }
    case "google": {
      const { createGoogleGenerativeAI } = await import("@ai-sdk/google");
      return createGoogleGenerativeAI({ ...site, baseURL: `${baseUrl}/v1beta` })(model);
    }
    case "openai-compatible": {
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      const options = { name: "openai-compatible", supportsStructuredOutputs: true };
      return createOpenAICompatible({ ...site, ...options, baseURL: baseUrl })(model);
    }
  }
}

const stayingFetch: typeof fetch = (url, init) => fetch(url, { ...init, redirect: "error" });
