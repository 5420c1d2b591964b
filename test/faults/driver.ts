import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from '../../lambdas/sandbox/ledger.ts';
import type { Ack } from './acks.ts';

type Truth = Awaited<ReturnType<Ledger['read']>>;

/** Whoever decides: one member of each group that the sample's routes name. */
const APPROVERS = ['lena', 'frida', 'otto'];
const PATIENCE_MS = 3_000;
const POLL_MS = 15;

interface Hold {
  readonly holdId: string;
  readonly runId: string;
  readonly actionId: string;
  readonly digest: string;
  readonly asks: 'approval' | 'answer' | 'doubt';
  readonly decisions: readonly string[];
  readonly challenge?: string;
}

export interface DriverOptions {
  readonly data: string;
  readonly url: string;
  readonly sandboxUrl: string;
  readonly model: string;
  /** Runs at once. */
  readonly inFlight: number;
}

/**
 * Callers and approvers over HTTP, who outlive the stack: they ask until they are answered, and remember what they were
 * told. Keeps so many runs in flight, and begins no new ones once it is told to finish.
 */
export function createDriver(options: DriverOptions) {
  const { data, url, sandboxUrl, model, inFlight } = options;
  const acks = new Map<string, Ack[]>();
  const running = new Set<string>();
  let begun = 0;
  let finishing = false;
  let ended = false;

  const told = (runId: string, ack: Ack) => {
    const before = acks.get(runId);
    if (before) before.push(ack);
    else acks.set(runId, [ack]);
  };
  const now = () => new Date().toISOString();

  async function call<T>(name: string, path: string, body?: object, key?: string): Promise<T> {
    const token = JSON.parse(readFileSync(join(data, 'tokens.json'), 'utf8'))[name] as string;
    const response = await fetch(url + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(key ? { 'idempotency-key': key } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${answer}`);
    return JSON.parse(answer) as T;
  }

  /** Asks again and again: the stack may be dead just now. */
  async function insist<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (ended) throw error;
        await pause();
      }
    }
  }

  async function oneRun(): Promise<void> {
    begun += 1;
    const request = { agent: 'support', input: `Run ${begun}`, model };
    const key = `kill-${begun}`;
    const { runId } = await insist(() => call<{ runId: string }>('sam', '/runs', request, key));
    told(runId, { as: 'started', at: now(), runId });
    running.add(runId);
    for (;;) {
      const { status } = await insist(() => call<{ status: string }>('sam', `/runs/${runId}`));
      if (['finished', 'failed', 'cancelled'].includes(status)) break;
      await pause(POLL_MS * 4);
    }
    running.delete(runId);
  }

  async function approver(name: string): Promise<void> {
    while (!ended) {
      await decideAll(name).catch(() => {});
      await pause();
    }
  }

  async function decideAll(name: string): Promise<void> {
    const { items } = await call<{ items: Hold[] }>(name, '/holds?limit=100');
    for (const { holdId } of items) {
      const hold = await call<Hold>(name, `/holds/${holdId}`);
      const { runId, digest, challenge, decisions } = hold;
      if (decisions.length === 0) continue;
      const ballot = hold.asks === 'doubt' ? await lookUp(hold) : { decision: 'approve' as const };
      await call(name, `/holds/${holdId}/votes`, { ...ballot, digest, ...(challenge ? { challenge } : {}) });
      told(runId, { as: 'voted', at: now(), holdId, decision: ballot.decision });
    }
  }

  /** Whoever is asked whether something happened asks the downstream. */
  async function lookUp({ runId, actionId }: Hold) {
    const { effects } = await ledger();
    const happened = effects.some(({ key }) => key?.startsWith(`${runId}.${actionId}.`));
    return { decision: 'answer' as const, answer: happened ? 'it happened' : 'it did not happen' };
  }

  const ledger = async (): Promise<Truth> => {
    const response = await fetch(`${sandboxUrl}/ledger`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return (await response.json()) as Truth;
  };

  const slots = Array.from({ length: inFlight }, async () => {
    while (!finishing) await oneRun();
  });
  const approvers = APPROVERS.map(approver);

  return {
    running: running as ReadonlySet<string>,
    acks: acks as ReadonlyMap<string, readonly Ack[]>,
    ledger: () => insist(ledger),
    /** Begins no more runs; resolves when all have ended, with `false` when they have not by then. */
    async finish(milliseconds: number): Promise<boolean> {
      finishing = true;
      const late = sleep(milliseconds, false, { ref: false });
      return Promise.race([Promise.all(slots).then(() => true), late]);
    },
    /** Resolves when the inbox is empty: what was decided while a process died stays until the reconciler comes round. */
    async idle(milliseconds: number): Promise<void> {
      for (const until = Date.now() + milliseconds; Date.now() < until; await pause(POLL_MS * 10)) {
        const inboxes = APPROVERS.map((name) =>
          insist(() => call<{ items: Hold[] }>(name, '/holds?limit=100')),
        );
        if ((await Promise.all(inboxes)).every(({ items }) => items.length === 0)) return;
      }
    },
    async end(): Promise<void> {
      ended = true;
      await Promise.allSettled([...slots, ...approvers]);
    },
  };
}

const pause = (milliseconds = POLL_MS) => new Promise((resolve) => setTimeout(resolve, milliseconds));
