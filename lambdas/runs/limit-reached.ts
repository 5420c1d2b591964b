import { inMoney } from '../model/cost.ts';
import type { Price } from '../model/price.ts';
import type { Limits } from './limits.ts';

/** What a run has used, as its limits count it. */
export interface Used {
  readonly turns: number;
  readonly tokens: number;
  readonly spendMicros: number;
  readonly seconds: number;
  readonly contextBytes: number;
}

/** Which limit is reached, before another model call is made; the call that reaches one has been made. */
export function limitReached(limits: Limits, price: Price | undefined, used: Used): string | undefined {
  const { turns, tokens, spendMicros, wallSeconds, contextBytes } = limits;
  if (used.turns >= turns) return `limit reached: ${turns} turns`;
  if (used.tokens >= tokens) return `limit reached: ${tokens} tokens`;
  if (spendMicros !== undefined && !price) return 'spend limit cannot be kept';
  if (spendMicros !== undefined && used.spendMicros >= spendMicros)
    return `limit reached: spend of ${inMoney(spendMicros)}`;
  if (used.seconds > wallSeconds) return `limit reached: ${wallSeconds} s`;
  if (contextBytes !== undefined && used.contextBytes > contextBytes)
    return `limit reached: context of ${contextBytes} bytes`;
  return undefined;
}
