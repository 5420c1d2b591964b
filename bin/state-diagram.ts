import { labelOf, MOVES, type State } from '../lambdas/oversight/states.ts';

/** Prints the state diagram of docs/oversight.md, in Mermaid: `node bin/state-diagram.ts`. */
export function stateDiagram(): string {
  const id = (state: State) => state.replaceAll(' ', '_');
  const states = [...new Set(MOVES.flatMap(({ from, to }) => [from, to]))];
  const arrows = Map.groupBy(MOVES, ({ from, to }) => `${id(from)} --> ${id(to)}`);
  const ends = states.filter((state) => MOVES.every(({ from }) => from !== state));
  return [
    'stateDiagram-v2',
    ...states.filter((state) => state !== id(state)).map((state) => `  ${id(state)}: ${state}`),
    '  [*] --> proposed',
    ...[...arrows].map(([arrow, moves]) => `  ${arrow}: ${moves.map(labelOf).join(', ')}`),
    ...ends.map((state) => `  ${id(state)} --> [*]`),
  ].join('\n');
}

if (import.meta.main) console.log(stateDiagram());
