import type { Agent } from '../agents/agent.ts';
import { canonical, idBytes, sha256 } from '../journal/digest.ts';
import type { Journal } from '../journal/journal.ts';
import { execKey, runKey } from '../journal/keys.ts';
import type { Rows } from '../journal/rows.ts';
import type { JsonObject } from '../json.ts';
import type { PriceOf } from '../model/prices.ts';
import { SETTLING_MS } from '../oversight/deliver.ts';
import type { Workflow } from '../workflow-client.ts';
import type { Limits } from './limits.ts';

export interface StartDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly workflow: Workflow;
  readonly policyVersion: string;
  readonly priceOf: PriceOf;
  readonly now: () => Date;
}

export interface RunRequest {
  readonly agent: Agent;
  readonly input: string;
  readonly model: string;
  readonly requester: string;
  /** @default the agent's */
  readonly limits?: Limits;
  /** A test of those who decide: nothing of it is performed (T4). */
  readonly canary?: boolean;
  /** With a key the runId follows from caller and key: the same request again is the same run. */
  readonly idempotencyKey?: string;
}

export type Started = { readonly as: 'started'; readonly runId: string } | { readonly as: 'other request' };

/**
 * Starts a run: its row (due soon), its first records, its execution. A crash after any of them leaves either nothing
 * that anyone was told of, or a run that the reconciler starts (F2).
 */
export async function startRun(deps: StartDeps, request: RunRequest): Promise<Started> {
  const { agent, input, model, requester, limits = agent.limits, canary = false } = request;
  const price = deps.priceOf(model);
  const runId = newRunId(request);
  const now = deps.now();
  const at = now.toISOString();
  const due = now.getTime() + SETTLING_MS;
  const known = request.idempotencyKey !== undefined && (await deps.journal.get(runId, [runKey])).size > 0;
  const row = {
    kind: 'run' as const,
    id: runId,
    at,
    agent: agent.name,
    requester,
    input: input.slice(0, 200).toWellFormed(),
    status: 'running' as const,
    due,
  };
  // The row of a start that was given up is taken away once it is due: it is made anew, and due later.
  await (known ? deps.rows.putNew(row) : deps.rows.put(row));
  const body = {
    kind: 'run' as const,
    runId,
    agent: agent.name,
    model,
    input,
    requester,
    limits: { ...limits },
    ...(price ? { price } : {}),
    policyVersion: deps.policyVersion,
    ...(canary ? { canary } : {}),
    request: sha256(
      canonical({
        agent: agent.name,
        input,
        model,
        requester,
        ...(canary ? { canary } : {}),
        ...(request.limits ? { limits: { ...limits } as JsonObject } : {}),
      }),
    ),
  };
  const run = await deps.journal.put(runId, runKey, body, []);
  if (run.record.body.request !== body.request) return { as: 'other request' };
  await deps.journal.put(runId, execKey(1), { kind: 'exec', exec: 1, why: 'first' }, [run.record]);
  await deps.workflow.start(runId, 1);
  return { as: 'started', runId };
}

/** 26 characters of base 32: 130 bits. */
function newRunId({ requester, idempotencyKey }: RunRequest): string {
  const bytes = idBytes(idempotencyKey === undefined ? undefined : [requester, idempotencyKey]);
  return base32(bytes).slice(0, 26);
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const base32 = (bytes: Uint8Array) => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join('');
};
