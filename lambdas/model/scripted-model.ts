import type { Message, Model } from './model.ts';
import type { ScriptedTurn } from './scenario.ts';
import { loadScenario } from './scenario-files.ts';

const PAST_THE_END = 'The scenario ends here.';

/**
 * Plays the scenario of that name. Turn n answers with the scenario's turn n, whatever came before: no state, no
 * chance, no tokens. Throws `Terminal` when there is no such scenario.
 */
export const createScriptedModel = (scenarioName: string): Model => {
  const { turns } = loadScenario(scenarioName);
  return {
    name: `scripted:${scenarioName}`,
    next: async ({ turn, messages }) => {
      const scripted = turns[turn - 1];
      const { text, calls, answer } = scripted ? choose(scripted, lastResults(messages)) : {};
      return {
        text: text ?? answer ?? (calls ? '' : PAST_THE_END),
        calls: calls ?? [],
        usage: { input: 0, output: 0 },
      };
    },
  };
};

type Result = Extract<Message, { role: 'tool' }>;

const lastResults = (messages: readonly Message[]): readonly Result[] => {
  const last = messages.findLastIndex(({ role }) => role !== 'tool');
  return messages.slice(last + 1) as readonly Result[];
};

const choose = (turn: ScriptedTurn, results: readonly Result[]): ScriptedTurn => {
  if (turn.ifFailed && results.some(({ failed }) => failed)) return turn.ifFailed;
  for (const [answer, answered] of Object.entries(turn.ifAnswered ?? {}))
    if (results.some(({ result }) => said(result) === answer)) return answered;
  return turn;
};

/** A person's answer is a result by itself or lies under `answer`. */
const said = (result: Result['result']): unknown =>
  typeof result === 'object' && result !== null && 'answer' in result ? result.answer : result;
