import { canonical, digest } from '../../lambdas/journal/digest.ts';
import { hashOf, type Item } from '../../lambdas/journal/journal.ts';
import { actionId, holdId, holdKey, turnKey } from '../../lambdas/journal/keys.ts';
import type { BodyOf } from '../../lambdas/journal/records.ts';
import type { Ballot } from '../../lambdas/oversight/vote.ts';
import type { Engine } from './engine.ts';
import { AGENT, TOOL } from './sample.ts';
import type { PlannedEvent, PlannedVote } from './scenario.ts';
import { JOURNAL, type World } from './world.ts';

/** The hold's record as its page shows it. */
const shownOf = (world: World, action: string, hold: number): BodyOf<'hold'> =>
  world.log.find(({ sk }) => sk === holdKey(action, hold).sk)?.body as BodyOf<'hold'>;

/** Casts a vote, and posts it again where no answer came. */
async function cast(world: World, engine: Engine, action: string, hold: number, ballot: Ballot) {
  const at = { runId: world.runId, actionId: action, hold };
  const asked = world.tick.now;
  for (let attempt = 0; attempt < 4; attempt++) {
    try {
      const answer = await engine.invoke(`vote of ${ballot.who}`, (deps) =>
        world.code.castVote(deps, at, ballot),
      );
      const { who, decision, digest: shown } = ballot;
      world.acks.push({ tick: world.tick.now, asked, action, hold, who, decision, shown, cast: answer });
      return;
    } catch {
      await world.hop(`${ballot.who} posts again`);
    }
  }
}

/** A person who votes once the hold is open. */
export async function vote(world: World, engine: Engine, planned: PlannedVote): Promise<void> {
  const action = actionId(1, planned.action);
  await world.reached(`hold ${holdKey(action, planned.hold).sk}`, 0);
  if (planned.after > 0) await world.clock.sleep(planned.after * 1000);
  await world.hop(
    `${planned.who} votes ${planned.decision} on ${holdId({ runId: '', actionId: action, hold: planned.hold })}`,
  );
  const { digest } = shownOf(world, action, planned.hold);
  const ballot: Ballot = {
    who: planned.who,
    via: 'token',
    decision: planned.decision,
    digest: planned.digest === 'shown' ? digest : 'of something else',
    ...(planned.decision === 'edit' ? { args: { amount: planned.amount } } : {}),
    ...(planned.decision === 'delegate' ? { to: planned.to } : {}),
  };
  const casts = [cast(world, engine, action, planned.hold, ballot)];
  if (planned.twice) casts.push(cast(world, engine, action, planned.hold, ballot));
  await Promise.all(casts);
}

/** Whoever is asked whether an effect happened looks it up, when all that was sent has landed. */
export async function operate(world: World, engine: Engine, action: string, hold: number): Promise<void> {
  const { operators } = world.scenario;
  if (operators === 'silent') return;
  await world.clock.sleep(30_000);
  await world.hop('an operator answers');
  const shown = shownOf(world, action, hold);
  const happened = world.downstream.effects.some((effect) => effect.action === action);
  const answer = operators === 'leave it' ? 'leave it' : happened ? 'it happened' : 'it did not happen';
  await cast(world, engine, action, hold, {
    who: 'dot',
    via: 'token',
    digest: shown.digest,
    decision: 'answer',
    answer,
  });
}

/** Events in their order, each once what it waits for is there. */
export async function happen(world: World, engine: Engine, lane: readonly PlannedEvent[]): Promise<void> {
  for (const event of lane) {
    await world.reached(event.once, event.nth);
    await world.hop(event.what);
    await apply(world, engine, event);
  }
}

async function apply(world: World, engine: Engine, event: PlannedEvent): Promise<void> {
  const scope = { kind: 'brake' as const, id: 'all' };
  switch (event.what) {
    case 'policy':
      return world.policy.set(event.policy);
    case 'leaves': {
      const groups = { ...world.people.now(), [event.who]: [] };
      return world.people.set(groups);
    }
    case 'target':
      return world.target.set(world.target.now() + 1);
    case 'brake':
      world.store.overwrite('rows', { pk: 'brake', sk: 'all', ...scope });
      return world.braked.set(true);
    case 'lift':
      return lift(world);
    case 'advance':
      return world.clock.advance(event.seconds * 1000);
    case 'crash':
      return world.processes.crash(event.which);
    case 'redeliver':
      return engine.redeliver(event.step);
    case 'reconcile':
      return void (await engine.invoke('reconcile', (deps) => world.code.reconcile(deps)).catch(() => {}));
    case 'cancel': {
      const done = await engine
        .invoke('cancel', (deps) => world.code.cancelRun(deps, world.runId, 'asker'))
        .catch(() => undefined);
      if (done === 'cancelled') world.cancels.push(world.tick.now);
      return;
    }
    case 'tamper':
      return tamper(world, event.whole);
  }
}

export function lift(world: World): void {
  if (!world.braked.now()) return;
  world.store.remove('rows', { pk: 'brake', sk: 'all' });
  world.braked.set(false);
}

/** Other arguments in the stored turn, under a hash that fits; `whole`: with a digest that fits them too. */
function tamper(world: World, whole: boolean): void {
  const item = world.tableOf('proposals').find(({ sk }) => sk === turnKey(1).sk);
  if (!item) return;
  const body = JSON.parse(item.body) as BodyOf<'turn'>;
  const actions = body.actions.map((action, i) => ({
    ...action,
    args: { amount: 6 + i },
    ...(whole ? { digest: digestOf({ amount: 6 + i }) } : {}),
  }));
  const place = { pk: item.pk, sk: item.sk, body: canonical({ ...body, actions } as never) };
  const forged: Item = { ...place, hash: hashOf(place) };
  world.store.overwrite(JOURNAL, { ...forged });
  world.tampered = true;
}

const digestOf = (args: { amount: number }) => digest({ agent: AGENT, tool: TOOL, toolVersion: 1, args });
