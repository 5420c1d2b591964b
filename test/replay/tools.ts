import type { Agent } from '../../lambdas/agents/agent.ts';
import type { Records } from '../../lambdas/journal/journal.ts';
import type { Body, BodyOf } from '../../lambdas/journal/records.ts';
import type { Json } from '../../lambdas/json.ts';
import type { Observation, ReadBack, Tool } from '../../lambdas/tools/tool.ts';
import type { Code } from './code.ts';

/** What is replayed now: the record that is to come, of an action, and all records of its run. */
export interface Coming {
  readonly sk: string;
  readonly body: Body;
  readonly whole: Records;
  /** Whether a record has been written by then. */
  readonly isThere: (sk: string) => boolean;
}

/** The agent with tools that do what the records say they did: nothing outside is asked. */
export function replayed(code: Code, agent: Agent, coming: () => Coming): Agent {
  const { NothingHappened, Terminal } = code;
  const bodyAt = <K extends Body['kind']>(sk: string, kind: K): BodyOf<K> | undefined => {
    const body = coming().whole.get(sk)?.body;
    return body?.kind === kind ? (body as BodyOf<K>) : undefined;
  };
  /** As it was printed when it was recorded. */
  const said = <E extends Error>(error: E, text: string): E => Object.assign(error, { toString: () => text });

  const perform: Tool['perform'] = async (_, { actionId }) => {
    const { sk, body } = coming();
    const result = bodyAt(`act#${actionId}#result`, 'result');
    const outcome = body.kind === 'intent' && bodyAt(sk.replace(/intent$/, 'outcome'), 'outcome');
    if (outcome && outcome.outcome === 'unknown') throw said(new Error(), outcome.detail);
    if (outcome) throw new NothingHappened(outcome.detail, { again: outcome.retry !== false });
    if (result?.outcome === 'failed') throw said(new Terminal(''), result.why ?? '');
    return (result?.value ?? null) as Json;
  };
  const observe: NonNullable<Tool['observe']> = async (_, { actionId }) => {
    const { body, whole, isThere } = coming();
    if (body.kind === 'hold') return body.observed as Observation;
    const holds = [...whole].flatMap(([sk, stored]) =>
      sk.startsWith(`act#${actionId}#hold#`) && stored.body.kind === 'hold'
        ? [{ sk, body: stored.body }]
        : [],
    );
    const isStale = body.kind === 'intent' && body.instead?.kind === 'again' && body.instead.why === 'stale';
    const shown = isStale ? holds.find(({ sk }) => !isThere(sk)) : holds.findLast(({ sk }) => isThere(sk));
    return shown?.body.observed as Observation;
  };
  const doubted = () => {
    const { body } = coming();
    const instead = body.kind === 'intent' ? body.instead : undefined;
    return instead?.kind === 'again' && instead.why === 'in doubt' ? instead : undefined;
  };
  const readBack: NonNullable<Tool['readBack']> = async (): Promise<ReadBack> => {
    const { body } = coming();
    const said = doubted()?.lookedUp;
    if (said)
      return {
        happened: said.said === 'unknown' ? 'unknown' : false,
        ...(said.why === undefined ? {} : { why: said.why }),
      } as ReadBack;
    if (body.kind === 'result' && body.outcome === 'succeeded')
      return { happened: true, result: (body.value ?? null) as Json };
    const no =
      body.kind === 'intent'
        ? body.instead === undefined
        : body.kind === 'result' && body.outcome === 'failed';
    return { happened: no ? false : 'unknown' };
  };
  const tools = agent.tools.map((tool) => ({
    ...tool,
    perform,
    ...(tool.observe ? { observe } : {}),
    /** Not there where nobody was asked: a tool of the case's own could not be. */
    get readBack() {
      const doubt = doubted();
      return tool.readBack && !(doubt && !doubt.lookedUp) ? readBack : (undefined as never);
    },
  }));
  return { ...agent, tools };
}
