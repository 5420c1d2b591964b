import { holdId } from '../journal/keys.ts';
import type { Body } from '../journal/records.ts';
import type { HoldpointEvent } from './events.ts';
import { holdFacts } from './facts.ts';

/** Where a record lies. */
export interface Place {
  readonly pk: string;
  readonly sk: string;
}

/** The record's key: written once, so that what is told of it twice has one id. */
export const idOf = ({ pk, sk }: Place) => `${pk}/${sk}`;

/** The event that a new record is, if it is one. */
export function eventOf(place: Place, body: Body): HoldpointEvent | undefined {
  const base = { id: idOf(place), at: body.at };
  const runId = place.pk.slice(place.pk.indexOf('#') + 1);
  const [, actionId = '', , number = ''] = /^act#([\d.]+)(#hold#(\d+))?/.exec(place.sk) ?? [];
  const action = { ...base, runId, actionId };
  const at = { runId, actionId, hold: Number(number) };
  switch (body.kind) {
    case 'run':
      return {
        kind: 'Run started',
        detail: { ...base, runId, agent: body.agent, requester: body.requester },
      };
    case 'turn':
      return body.end && { kind: 'Run ended', detail: { ...base, runId, status: body.end.status } };
    case 'failed':
      return { kind: 'Run ended', detail: { ...base, runId, status: 'failed' } };
    case 'hold':
      return { kind: 'Hold opened', detail: { ...base, ...holdFacts(at, body) } };
    case 'vote':
      if (body.decision !== 'delegate' || body.to === undefined) return undefined;
      return {
        kind: 'Hold delegated',
        detail: { ...action, holdId: holdId(at), from: body.who, to: body.to },
      };
    case 'settled': {
      const { outcome, votes, next } = body;
      const following = next && { next: holdId({ ...at, hold: next.hold }) };
      const deciders = votes.map((vote) => vote.who);
      return {
        kind: 'Hold settled',
        detail: { ...action, holdId: holdId(at), outcome, deciders, ...following },
      };
    }
    case 'again': {
      if (body.why !== 'in doubt') return undefined;
      const tried = body.try === undefined ? {} : { try: body.try };
      return { kind: 'Action in doubt', detail: { ...action, ...tried } };
    }
    case 'result':
      return { kind: 'Action ended', detail: { ...action, outcome: body.outcome } };
    case 'braked':
      return { kind: 'Brake set', detail: { ...base, scope: body.scope, who: body.who } };
    case 'lifted':
      return { kind: 'Brake lifted', detail: { ...base, scope: body.scope, who: body.who } };
    case 'exec':
    case 'cancel':
    case 'intent':
    case 'outcome':
    case 'granted':
    case 'revoked':
      return undefined;
  }
}
