import * as z from 'zod';
import { Terminal } from '../errors.ts';
import { Scenario } from './scenario.ts';
import brake from './scenarios/brake.json' with { type: 'json' };
import delegation from './scenarios/delegation.json' with { type: 'json' };
import denied from './scenarios/denied.json' with { type: 'json' };
import edit from './scenarios/edit.json' with { type: 'json' };
import escalation from './scenarios/escalation.json' with { type: 'json' };
import grant from './scenarios/grant.json' with { type: 'json' };
import injected from './scenarios/injected.json' with { type: 'json' };
import mixed from './scenarios/mixed.json' with { type: 'json' };
import parallel from './scenarios/parallel.json' with { type: 'json' };
import question from './scenarios/question.json' with { type: 'json' };
import quorum from './scenarios/quorum.json' with { type: 'json' };
import refund from './scenarios/refund.json' with { type: 'json' };
import stale from './scenarios/stale.json' with { type: 'json' };
import w from './scenarios/w.json' with { type: 'json' };
import wire from './scenarios/wire.json' with { type: 'json' };

// Imported, not read at run time, so that they are part of every bundle.
const FILES: Readonly<Record<string, unknown>> = {
  brake,
  delegation,
  denied,
  edit,
  escalation,
  grant,
  injected,
  mixed,
  parallel,
  question,
  quorum,
  refund,
  stale,
  w,
  wire,
};

const TURNS = /^turns-([1-9]\d{0,3}|10000)$/;

export const SCENARIO_NAMES: readonly string[] = Object.keys(FILES);

/** Finds a scenario by its name, `turns-N` included; throws `Terminal` naming what there is. */
export const loadScenario = (name: string): Scenario => {
  const turns = TURNS.exec(name)?.[1];
  if (turns !== undefined) return longScenario(Number(turns));
  if (!Object.hasOwn(FILES, name))
    throw new Terminal(
      `There is no scenario "${name}": choose ${SCENARIO_NAMES.join(', ')} or turns-N (N from 1 to 10000)`,
    );
  const scenario = Scenario.safeParse(FILES[name]);
  if (!scenario.success)
    throw new Terminal(`The scenario "${name}" is not valid: ${z.prettifyError(scenario.error)}`);
  return scenario.data;
};

/** As many turns with one allowed read of about 1 KB each, then the answer. */
const longScenario = (turns: number): Scenario => {
  const read = { calls: [{ tool: 'lookup_customer', args: { customerId: 'C-1009' } }] };
  return {
    name: `turns-${turns}`,
    says: `${turns} turns of one read each`,
    agent: 'marathon',
    input: `Look up customer C-1009 ${turns} times.`,
    turns: [...Array.from({ length: turns }, () => read), { answer: `Looked up ${turns} times.` }],
  };
};
