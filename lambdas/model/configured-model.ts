import { Terminal } from '../errors.ts';
import { createAiSdkModel } from './ai-sdk-model.ts';
import type { Model } from './model.ts';
import { createScriptedModel } from './scripted-model.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Ollama on this machine. */
const DEFAULT_BASE_URL = 'http://127.0.0.1:11434/v1';

const POSSIBLE = 'scripted:NAME, bedrock:MODEL, anthropic:MODEL or openai-compatible:MODEL';

/**
 * The model that a specification such as `bedrock:MODEL` asks for; throws `Terminal` naming what is possible.
 *
 * - `scripted`: a scenario of that name, no model at all
 * - `bedrock`: AWS_REGION and the function's role
 * - `anthropic`: ANTHROPIC_API_KEY
 * - `openai-compatible`: HOLDPOINT_MODEL_BASE_URL (default: Ollama on this machine), HOLDPOINT_MODEL_API_KEY if it wants one
 */
export const createModel = (spec: string, env: Environment): Model => {
  const colon = spec.indexOf(':');
  const provider = spec.slice(0, colon);
  const id = spec.slice(colon + 1);
  if (colon < 0 || id === '') throw new Terminal(`There is no model "${spec}": choose ${POSSIBLE}`);
  switch (provider) {
    case 'scripted':
      return createScriptedModel(id);
    case 'bedrock':
      return createAiSdkModel(spec, () => bedrock(id, env));
    case 'anthropic':
      return createAiSdkModel(spec, () => anthropic(id, env));
    case 'openai-compatible':
      return createAiSdkModel(spec, () => openaiCompatible(id, env));
    default:
      throw new Terminal(`There is no model "${spec}": choose ${POSSIBLE}`);
  }
};

const bedrock = async (id: string, env: Environment) => {
  const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
  return createAmazonBedrock(
    set({
      region: env.AWS_REGION,
      apiKey: env.AWS_BEARER_TOKEN_BEDROCK,
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      sessionToken: env.AWS_SESSION_TOKEN,
      baseURL: env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME,
    }),
  )(id);
};

const anthropic = async (id: string, env: Environment) => {
  const { createAnthropic } = await import('@ai-sdk/anthropic');
  return createAnthropic(set({ apiKey: env.ANTHROPIC_API_KEY, baseURL: env.ANTHROPIC_BASE_URL }))(id);
};

const openaiCompatible = async (id: string, env: Environment) => {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const baseURL = env.HOLDPOINT_MODEL_BASE_URL ?? DEFAULT_BASE_URL;
  return createOpenAICompatible({
    name: 'openai-compatible',
    baseURL,
    ...set({ apiKey: env.HOLDPOINT_MODEL_API_KEY }),
  })(id);
};

/** Leaves out what is not set. */
const set = (settings: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
