import { composeApi } from '../../lambdas/api/compose.ts';
import { bearerOf } from '../../lambdas/api/identity.ts';
import type { Decision } from '../../lambdas/journal/records.ts';
import type { Core } from '../../lib/local/core.ts';
import type { Acks, Asked, Request, Then } from './acks.ts';
import { unobserved } from './ports.ts';

type Vote = { readonly decision: Decision } & Readonly<Record<string, unknown>>;

export type Hands = ReturnType<typeof createHands>;

/** What people do over HTTP: each thing once, and with the same words again until it is answered. */
export function createHands({ core, acks }: { readonly core: () => Core; readonly acks: Acks }) {
  let api: ReturnType<typeof composeApi> | undefined;
  const now = () => core().environment.now().toISOString();

  function call(who: string, method: string, path: string, body?: object) {
    api ??= composeApi(core().environment, { identity: async (headers) => bearerOf(headers) });
    const headers = { authorization: `Bearer ${who}`, 'content-type': 'application/json' };
    return api.request(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  }

  const underWay = new Set<string>();

  async function ask({ what, request, then }: Asked): Promise<void> {
    if (underWay.has(what)) return;
    underWay.add(what);
    try {
      const { who, method, path, body } = request;
      const { status } = await call(who, method, path, body);
      if (status >= 500) return;
      if (status < 300 && then) acks.add({ ...then, at: now() });
      acks.add({ as: 'answered', at: now(), what, status });
    } finally {
      underWay.delete(what);
    }
  }

  const isAnswered = (what: string) =>
    acks.all().some((told) => told.as === 'answered' && told.what === what);

  async function send(what: string, request: Request, then?: Then): Promise<void> {
    if (isAnswered(what)) return;
    const asked: Asked = { as: 'asked', at: now(), what, request, ...(then ? { then } : {}) };
    if (!acks.all().some((told) => told.as === 'asked' && told.what === what)) acks.add(asked);
    await ask(asked);
  }

  const read = <T>(who: string, path: string): Promise<T> =>
    unobserved(async () => (await call(who, 'GET', path)).json() as Promise<T>);

  return {
    send,
    /** Sends once more what has had no answer. */
    async insist(): Promise<void> {
      for (const told of acks.all()) if (told.as === 'asked' && !isAnswered(told.what)) await ask(told);
    },
    read,
    /** Sees a hold, and votes on it. */
    async vote(holdId: string, who: string, vote: Vote): Promise<void> {
      const seen = await read<{ digest: string; challenge?: string }>(who, `/holds/${holdId}`);
      const { digest, challenge } = seen;
      const body = { digest, ...(challenge === undefined ? {} : { challenge }), ...vote };
      const { decision } = vote;
      const request = { who, method: 'POST', path: `/holds/${holdId}/votes`, body } as const;
      await send(`vote ${holdId} ${who}`, request, { as: 'voted', holdId, decision, who });
    },
    brake(scope: string): Promise<void> {
      const body = { reason: 'Stop' };
      return send('brake', { who: 'otto', method: 'PUT', path: `/brakes/${scope}`, body }, { as: 'braked' });
    },
    lift(scope: string): Promise<void> {
      if (!acks.all().some(({ as }) => as === 'lifting')) acks.add({ as: 'lifting', at: now() });
      return send('lift', { who: 'otto', method: 'DELETE', path: `/brakes/${scope}` });
    },
    cancel: (runId: string): Promise<void> =>
      send('cancel', { who: 'sam', method: 'POST', path: `/runs/${runId}/cancel` }, { as: 'cancelled' }),
    /** Allows more refunds in advance. */
    grant(more: object): Promise<void> {
      const until = new Date(core().environment.now().getTime() + 3_600_000).toISOString();
      const body = { agent: 'support', tool: 'issue_refund', until, uses: 1, reason: 'Recall', ...more };
      return send('grant', { who: 'lena', method: 'POST', path: '/grants', body });
    },
    /** Revokes every grant. */
    async revoke(): Promise<void> {
      const { items } = await read<{ items: { grantId: string }[] }>('lena', '/grants');
      for (const { grantId } of items)
        await send(`revoke ${grantId}`, { who: 'lena', method: 'DELETE', path: `/grants/${grantId}` });
      acks.add({ as: 'revoked', at: now() });
    },
  };
}
