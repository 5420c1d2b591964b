import * as z from 'zod';
import { Price } from './price.ts';

const usd = (input: number, output: number): Price => ({
  input: Math.round(input * 1e6),
  output: Math.round(output * 1e6),
});

const SONNET_4_5 = usd(3, 15);
const HAIKU_4_5 = usd(1, 5);

/**
 * The vendors' list prices, by the name that a run asks for, without discounts for cached or batched tokens. Others,
 * and other prices, are given by HOLDPOINT_PRICES; a model of one's own may cost nothing, but that has to be said.
 */
const PRICES: Readonly<Record<string, Price>> = {
  'anthropic:claude-sonnet-4-5': SONNET_4_5,
  'anthropic:claude-haiku-4-5': HAIKU_4_5,
  'bedrock:global.anthropic.claude-sonnet-4-5-20250929-v1:0': SONNET_4_5,
  'bedrock:global.anthropic.claude-haiku-4-5-20251001-v1:0': HAIKU_4_5,
};

const Table = z.record(z.string(), Price);

export type PriceOf = (model: string) => Price | undefined;

/** The price of a model; undefined where nobody has said. Scripted models cost nothing. @throws Error for a table that is none */
export function readPrices(text = '{}'): PriceOf {
  const told = parse(text);
  const known = new Map(Object.entries({ ...PRICES, ...told }));
  return (model) => known.get(model) ?? (model.startsWith('scripted:') ? usd(0, 0) : undefined);
}

function parse(text: string): z.infer<typeof Table> {
  let json: unknown;
  try {
    json = JSON.parse(text || '{}');
  } catch (cause) {
    throw new Error('HOLDPOINT_PRICES: must be JSON', { cause });
  }
  const parsed = Table.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(`HOLDPOINT_PRICES: ${z.prettifyError(parsed.error)}`);
}
