import { describe, expect, test, vi } from 'vitest';
import { Retryable, Terminal } from '../../lambdas/errors.ts';
import { observed, report } from '../../lambdas/observe/deployed.ts';
import { loggable } from '../../lambdas/observe/loggable.ts';
import { EVENTS, type Event } from '../../lambdas/observe/report.ts';

const CANARY = 'canary-7f3a9c51';
const RUN = 'r'.repeat(26);
const CONTEXT = { awsRequestId: 'request-1', functionName: 'f' } as never;

/** Everything that is written while something happens: Powertools has a console of its own on the process's streams. */
async function written(happen: () => unknown): Promise<string[]> {
  const lines: string[] = [];
  const take = (text: unknown) => {
    lines.push(String(text));
    return true;
  };
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(take as never),
  );
  try {
    await happen();
  } finally {
    for (const stream of streams) stream.mockRestore();
  }
  return lines.flatMap((text) => text.split('\n')).filter((line) => line !== '');
}

/** A canary in every field that is known, in those that are not, and in every place where an error has words. */
function everywhere() {
  const error = Object.assign(new Error(`${CANARY}\n    at ${CANARY} (/${CANARY}/index.js:1:2)`), {
    name: CANARY,
    code: CANARY,
    cause: new Error(CANARY),
  });
  const known = [
    'runId',
    'actionId',
    'holdId',
    'turn',
    'exec',
    'try',
    'outcome',
    'decision',
    'method',
    'route',
  ];
  const other = [
    'args',
    'token',
    'link',
    'comment',
    'answer',
    'detail',
    'why',
    'input',
    'event',
    '__proto__',
    CANARY,
  ];
  return {
    ...Object.fromEntries([...known, ...other, 'runs', 'given up'].map((name) => [name, CANARY])),
    error,
  };
}

describe('what a deployment writes down', () => {
  test('T7, T23: has no word of what it was given but ids of ours and closed words, whatever the event', async () => {
    for (const event of Object.keys(EVENTS) as Event[]) {
      const lines = await written(() => report(event, everywhere(), { Errors: 1, [CANARY]: 1 } as never));
      expect(lines.length, event).toBeGreaterThanOrEqual(2);
      expect(lines.join('\n'), event).not.toContain(CANARY);
    }
  });

  test('T23: is denied by default: a field that nobody allowed, or that looks otherwise, is left out', () => {
    const holdId = `${RUN}.0001.00.0`;
    const where = {
      runId: RUN,
      actionId: '0001.00',
      holdId,
      outcome: 'rejected',
      turn: 3,
      route: '/h/:link',
    };
    expect(loggable({ ...where, colour: 'red' })).toEqual(where);
    expect(loggable({ runId: `${RUN}x`, route: '/h/eyJhbGciOi.J9.x', outcome: 'red', turn: '3' })).toEqual(
      {},
    );
  });

  test('carries run, action and hold, by which lines of all functions belong together', async () => {
    const where = { runId: RUN, actionId: '0001.00', holdId: `${RUN}.0001.00.0` };
    const [line = '{}'] = await written(() => report('hold opened', where));
    expect(JSON.parse(line)).toMatchObject({ level: 'INFO', message: 'hold opened', ...where });
  });

  test('has each metric with its unit and one dimension', async () => {
    const lines = await written(() => report('hold settled', {}, { DecisionLatency: 12.5 }));
    const emf = lines.map((line) => JSON.parse(line)).find((line) => line._aws);
    const [directive] = emf._aws.CloudWatchMetrics;
    expect(directive).toMatchObject({ Namespace: 'Holdpoint', Dimensions: [['service']] });
    expect(directive.Metrics).toEqual([{ Name: 'DecisionLatency', Unit: 'Seconds' }]);
    expect(emf.DecisionLatency).toBe(12.5);
  });

  test('never fails the step that it tells of', async () => {
    await expect(
      written(() => report('no such event' as never, {}, { Errors: Number.NaN })),
    ).resolves.toBeDefined();
  });
});

describe('a handler that throws', () => {
  const event = { runId: RUN, step: { actionId: '0001.00', args: CANARY } };
  const failing = async (error: unknown) => {
    let thrown: unknown;
    const lines = await written(async () => {
      const handler = observed(() => {
        throw error;
      });
      thrown = await handler(event, CONTEXT).catch((caught: unknown) => caught);
    });
    return { lines, thrown: thrown as Error };
  };

  test('T23: passes on the name of its error and no word of it, because Lambda logs and Step Functions shows it', async () => {
    for (const error of [
      new Terminal(CANARY),
      new Retryable(CANARY),
      new TypeError(CANARY),
      CANARY,
      everywhere().error,
    ]) {
      const { lines, thrown } = await failing(error);
      expect(`${thrown.name} ${thrown.message} ${thrown.stack} ${thrown.cause}`).not.toContain(CANARY);
      expect(lines.join('\n')).not.toContain(CANARY);
    }
    expect((await failing(new Terminal('x'))).thrown).toMatchObject({
      name: 'Terminal',
      message: "see the function's log, request request-1",
    });
  });

  test('says which step of which run it was, and counts as an error only what is not tried again', async () => {
    const failed = (await failing(new Terminal('x'))).lines.join('\n');
    expect(failed).toContain(`"message":"a step failed"`);
    expect(failed).toContain(`"runId":"${RUN}","actionId":"0001.00","error":"Terminal"`);
    expect(failed).toContain('"Errors":1');
    const again = (await failing(new Retryable('x'))).lines.join('\n');
    expect(again).toContain('a step is to be tried again');
    expect(again).not.toContain('"Errors"');
  });
});
