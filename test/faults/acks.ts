import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Decision } from '../../lambdas/journal/records.ts';

/** What somebody outside was told, or has begun, in this order: what must hold from then on. */
export type Ack =
  | { readonly as: 'started'; readonly at: string; readonly runId: string }
  | {
      readonly as: 'voted';
      readonly at: string;
      readonly holdId: string;
      readonly decision: Decision;
      readonly who?: string;
    }
  | { readonly as: 'cancelled'; readonly at: string }
  /** A brake is on; somebody is about to lift it. */
  | { readonly as: 'braked' | 'lifting'; readonly at: string }
  /** No grant stands any more. */
  | { readonly as: 'revoked'; readonly at: string }
  | Asked
  | { readonly as: 'answered'; readonly at: string; readonly what: string; readonly status: number };

/** A request that is sent again and again, until it is answered. */
export interface Asked {
  readonly as: 'asked';
  readonly at: string;
  readonly what: string;
  readonly request: Request;
  /** What is true once it is granted. */
  readonly then?: Then;
}

export interface Request {
  readonly who: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

export type Then =
  | { readonly as: 'braked' | 'cancelled' }
  | { readonly as: 'voted'; readonly holdId: string; readonly decision: Decision; readonly who: string };

export const readAcks = (file: string): Ack[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Ack)
    : [];

/** Outlives every crash, as whoever was told does. */
export function createAcks(file: string, dead: () => boolean) {
  return {
    all: () => readAcks(file),
    /** After the end of the process nothing is told any more. */
    add: (told: Ack) => {
      if (!dead()) appendFileSync(file, `${JSON.stringify(told)}\n`);
    },
  };
}

export type Acks = ReturnType<typeof createAcks>;
