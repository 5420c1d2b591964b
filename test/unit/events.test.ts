import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { EVENTS, type HoldpointEvent } from '../../lambdas/events/events.ts';
import { eventsOf, StreamEvent } from '../../lambdas/events/from-stream.ts';
import { publish } from '../../lambdas/events/publish.ts';
import { hashOf, type Item } from '../../lambdas/journal/journal.ts';
import { againKey, failedKey, runKey } from '../../lambdas/journal/keys.ts';
import { openSendingWorld, type SendingWorld } from '../support/sending-world.ts';
import { streamOf } from '../support/stream.ts';
import { RUN_ID, run, WrittenRun } from '../support/written-run.ts';

const eventsFrom = (stream: object) => eventsOf(StreamEvent.parse(stream));
const written = new WrittenRun();
const started = written.put(runKey, run, []);
const [item = expect.fail()] = written.items;

describe('what is recorded', () => {
  test('twice told has the same id', () => {
    const [first, second] = eventsFrom(streamOf([item, item]));
    expect(first).toMatchObject({
      kind: 'Run started',
      detail: { id: `oversight#${RUN_ID}/run`, runId: RUN_ID },
    });
    expect(second).toEqual(first);
  });

  test('a run that could not go on has ended as failed, without the reason', () => {
    const failing = new WrittenRun();
    failing.put(failedKey, { kind: 'failed', why: 'MARKER' }, [started]);
    const events = eventsFrom(streamOf(failing.items));
    expect(events).toMatchObject([{ kind: 'Run ended', detail: { status: 'failed' } }]);
    expect(JSON.stringify(events)).not.toContain('MARKER');
  });

  test('an effect in doubt is told, what is asked again for other reasons by its hold alone', () => {
    const again = {
      kind: 'again',
      detail: 'MARKER',
      asks: 'doubt',
      route: 'in-doubt',
      tier: 'high',
    } as const;
    const doubting = new WrittenRun();
    doubting.put(againKey('0001.00', 1), { ...again, why: 'in doubt', try: 2 }, [started]);
    doubting.put(againKey('0001.00', 2), { ...again, why: 'stale' }, [started]);
    const events = eventsFrom(streamOf(doubting.items));
    expect(events).toMatchObject([{ kind: 'Action in doubt', detail: { actionId: '0001.00', try: 2 } }]);
    expect(JSON.stringify(events)).not.toContain('MARKER');
  });
});

describe('T24: what nobody may do with a record is told', () => {
  const forged = { ...item, body: item.body.replace('"agent"', '"agenT"') };
  const strange = (body: string): Item => ({ ...item, body, hash: hashOf({ ...item, body }) });
  test.each([
    ['overwritten', streamOf([item], 'MODIFY')],
    ['removed', streamOf([item], 'REMOVE')],
    ['unreadable', streamOf([forged])],
    ['unreadable', streamOf([strange('not JSON')])],
    ['unreadable', streamOf([strange('{"kind":"unheard of"}')])],
    ['unreadable', streamOf([strange('null')])],
  ])('%s', (how, stream) => {
    const events = eventsFrom(stream);
    expect(events).toMatchObject([{ kind: 'Journal altered', detail: { how } }]);
    EVENTS['Journal altered'].parse(events[0]?.detail);
  });

  test('and holds up nothing that comes after it', () => {
    expect(eventsFrom(streamOf([forged, item])).map(({ kind }) => kind)).toEqual([
      'Journal altered',
      'Run started',
    ]);
  });
});

describe('the bus', () => {
  let world: SendingWorld;
  beforeEach(async () => {
    world = await openSendingWorld();
  });
  afterEach(() => world.close());
  const event = (n: number): HoldpointEvent => ({
    kind: 'Run ended',
    detail: { id: `e${n}`, at: '2026-03-02T09:00:00.000Z', runId: RUN_ID, status: 'finished' },
  });

  test('takes ten events a call, named as ours', async () => {
    await publish(
      world.eventsClient,
      'ours',
      Array.from({ length: 25 }, (_, n) => event(n)),
    );
    const calls = world.through('events').map(({ body }) => body.Entries);
    expect(calls.map((entries) => entries.length)).toEqual([10, 10, 5]);
    expect(calls[0][0]).toMatchObject({ Source: 'holdpoint', DetailType: 'Run ended', EventBusName: 'ours' });
    expect(JSON.parse(calls[2][4].Detail).id).toBe('e24');
  });

  test('that did not take one has the records come again', async () => {
    world.answer('events', (answer) => answer.end(JSON.stringify({ FailedEntryCount: 1, Entries: [] })));
    await expect(publish(world.eventsClient, 'ours', [event(1)])).rejects.toThrow('1 of 1 events');
  });

  test('is not called for nothing', async () => {
    await publish(world.eventsClient, 'ours', []);
    expect(world.sent).toEqual([]);
  });
});

/** Zod spells out what a format and a type say already. */
const inShort = ({ jsonSchema: of }: { jsonSchema: Record<string, unknown> }) => {
  if (of.format === 'date-time') delete of.pattern;
  if (of.type === 'integer') for (const bound of ['minimum', 'maximum']) delete of[bound];
};

test('docs/events.md has the schema of every event, as it is', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8');
  const documented = JSON.parse(/```json schema\n([\s\S]*?)\n```/.exec(text)?.[1] ?? '{}');
  const schemas = Object.entries(EVENTS).map(([kind, schema]) => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { override: inShort });
    return [kind, rest];
  });
  expect(documented).toEqual(Object.fromEntries(schemas));
});
