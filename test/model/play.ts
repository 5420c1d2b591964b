import type { Scheduler } from 'fast-check';
import type { Code } from './code.ts';
import { createEngine, type Engine } from './engine.ts';
import { happen, lift, operate, vote } from './people.ts';
import { REQUESTER } from './sample.ts';
import type { Scenario } from './scenario.ts';
import { createWorld, type World } from './world.ts';

const EVERY_MS = 60_000;
/** No brake stays on for ever: a paused run could not be judged. */
const LONGEST_BRAKE_MS = 120_000;
const MOST_IDLE = 400;

export interface Played {
  readonly world: World;
  readonly engine: Engine;
  /** Nothing was left to do. */
  readonly atRest: boolean;
}

/** Lets what waits only for promises go on as far as it can. */
const flush = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Plays one run to its end: at every moment the scheduler picks what happens next among all that could; where nothing
 * can, time moves on to what is due, the reconciler's rounds included, until nothing is due any more.
 */
export async function play(code: Code, scenario: Scenario, scheduler: Scheduler): Promise<Played> {
  const world = createWorld(code, scenario, scheduler);
  const { clock, tick } = world;
  try {
    const engine = createEngine(world);
    const errors: unknown[] = [];
    const going = [
      start(world, engine),
      ...scenario.votes.map((planned) => vote(world, engine, planned)),
      ...scenario.lanes.map((lane) => happen(world, engine, lane)),
    ];
    for (const each of going) each.catch((error) => errors.push(error));
    const asked = new Set<string>();
    let looked = clock.now().getTime();
    let brakedFor = 0;
    let crashed = false;
    const watchCrashes = async () => {
      for (let n = 0; ; n++) {
        await world.reached('crash', n);
        crashed = true;
      }
    };
    void watchCrashes();
    const reconcile = (all: boolean) => {
      looked = clock.now().getTime();
      const round = engine.invoke('reconciler', (deps) => code.reconcile(deps, { allRuns: all }));
      // A restart that failed is made again.
      const again = () => {
        crashed ||= all;
      };
      round.then(({ failed }) => failed > 0 && !scenario.noticesFail && again(), again);
    };
    /** Whether anything is left that time will bring. */
    const passTime = (): boolean => {
      const now = clock.now().getTime();
      if (crashed && scenario.onOneMachine) {
        crashed = false;
        reconcile(true);
        return true;
      }
      if (world.braked.now()) {
        brakedFor ||= now;
        if (now - brakedFor > LONGEST_BRAKE_MS) lift(world);
      } else brakedFor = 0;
      const dues = world.rows().flatMap(({ due }) => due ?? []);
      if (dues.length === 0) return clock.skip(Number.POSITIVE_INFINITY);
      const due = Math.ceil(Math.min(...dues) / EVERY_MS) * EVERY_MS;
      const by = Math.max(due, looked + EVERY_MS, now);
      if (clock.skip(by)) return true;
      clock.advance(by - now);
      reconcile(false);
      return true;
    };
    let atRest = false;
    for (let idle = 0; idle < MOST_IDLE; ) {
      await flush();
      for (const { sk, body } of world.log) {
        if (body.kind !== 'hold' || body.asks !== 'doubt' || asked.has(sk)) continue;
        asked.add(sk);
        const [, action = '', , hold] = sk.split('#');
        operate(world, engine, action, Number(hold)).catch((error) => errors.push(error));
      }
      if (scheduler.count() > 0) {
        tick.now += 1;
        await scheduler.waitOne();
      } else if (passTime()) {
        idle += 1;
      } else {
        atRest = true;
        break;
      }
    }
    if (errors.length > 0) throw errors[0];
    return { world, engine, atRest };
  } finally {
    clock.release();
  }
}

async function start(world: World, engine: Engine): Promise<void> {
  const { code } = world;
  for (;;) {
    try {
      const started = await engine.invoke('start', (deps) =>
        code.startRun(
          { ...deps, policyVersion: 'model' },
          { agent: deps.agent, input: 'pay', model: 'model', requester: REQUESTER, idempotencyKey: 'once' },
        ),
      );
      if (started.as === 'started') return;
    } catch {
      await world.hop('the client starts it again');
    }
  }
}
