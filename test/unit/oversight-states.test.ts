import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stateDiagram } from '../../bin/state-diagram.ts';
import { type Branch, DOUBT_ANSWERS } from '../../lambdas/journal/branch.ts';
import { AgainRecord, OUTCOMES, RESULTS } from '../../lambdas/journal/records.ts';
import { routes } from '../../lambdas/oversight/routes.ts';
import { MOVES } from '../../lambdas/oversight/states.ts';
import { outcomeOf } from '../../lambdas/perform/settled-outcome.ts';
import { Ruling } from '../../lambdas/policy/ruling.ts';

const valuesOf = <Value extends string>(key: string): Value[] =>
  MOVES.flatMap((move) => (key in move ? [(move as unknown as Record<string, Value>)[key] as Value] : []));

describe('the table of states', () => {
  it('names every ruling, settlement, reason to ask again and answer to a doubt, each once', () => {
    const rulings = Ruling.options.map(({ shape }) => shape.decision.value);
    expect(valuesOf('ruling').sort()).toEqual([...rulings].sort());
    expect(valuesOf('settled').sort()).toEqual([...OUTCOMES].sort());
    expect(valuesOf('again').sort()).toEqual([...AgainRecord.shape.why.options].sort());
    expect(valuesOf('answer').sort()).toEqual([...DOUBT_ANSWERS].sort());
  });

  it.each(OUTCOMES)('says what Perform makes of a hold that is settled as %s', (outcome) => {
    const hold = { asks: 'approval', settled: { body: { outcome, votes: [] } } };
    const result = outcomeOf({ holds: [hold] } as unknown as Branch)?.outcome;
    const move = MOVES.find((each) => 'settled' in each && each.settled === outcome);
    expect(result ?? 'goes on').toBe(
      move?.to === 'checked' || move?.to === 'held' ? 'goes on' : (move?.to ?? 'missing'),
    );
  });

  it('ends in a denial or a result, and nothing else', () => {
    const states = new Set(MOVES.flatMap(({ from, to }) => [from, to]));
    const ends = [...states].filter((state) => MOVES.every(({ from }) => from !== state));
    expect(ends.sort()).toEqual(['denied', ...RESULTS].sort());
  });

  it('reaches an effect through the checks alone, and the checks through a ruling or people alone', () => {
    const into = (state: string) => new Set(MOVES.filter(({ to }) => to === state).map(({ from }) => from));
    expect([...into('performing')]).toEqual(['checked']);
    expect([...into('checked')].sort()).toEqual(['checked', 'held', 'in doubt', 'performing', 'proposed']);
    const fromHeld = MOVES.filter(({ from, to }) => from === 'held' && to === 'checked');
    expect(fromHeld.map((move) => 'settled' in move && move.settled)).toEqual(['approved', 'edited']);
  });

  it('reaches every state from the proposal', () => {
    const reached = new Set<string>(['proposed']);
    for (let size = 0; size < reached.size; ) {
      size = reached.size;
      for (const { from, to } of MOVES) if (reached.has(from)) reached.add(to);
    }
    expect(reached).toEqual(new Set(MOVES.flatMap(({ from, to }) => [from, to])));
  });
});

describe('docs/oversight.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/oversight.md'), 'utf8');

  it('has the diagram that the table makes: node bin/state-diagram.ts prints it', () => {
    expect(text).toContain(`\`\`\`mermaid\n${stateDiagram()}\n\`\`\``);
  });

  it('has the sample’s routes as they are', () => {
    for (const [name, route] of Object.entries(routes)) {
      const people =
        route.distinctGroups > 1 ? `${route.quorum} of ${route.distinctGroups} groups` : route.quorum;
      const next = route.next === undefined ? '' : `\`${route.next}\``;
      const cells = [
        `\`${name}\``,
        route.groups.join(', '),
        people,
        route.fourEyes ? 'yes' : 'no',
        `${route.limitSeconds / 3600} h`,
        next,
      ];
      expect(text.replace(/ +/g, ' ')).toContain(`| ${cells.join(' | ')} |`.replace(/ +/g, ' '));
    }
  });

  it('names nothing but tests that there are', () => {
    const named = [...text.matchAll(/`(test\/[\w/.-]+\.ts)`/g)].map(([, file = '']) => file);
    expect(named.length).toBeGreaterThan(10);
    for (const file of new Set(named)) {
      expect(() => readFileSync(join(import.meta.dirname, '../..', file)), file).not.toThrow();
    }
  });

  it('has a row for each of the 19 requirements', () => {
    const rows = [...text.matchAll(/^\| HO-(\d{3}) \|/gm)].map(([, number]) => Number(number));
    expect(rows).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
  });
});
