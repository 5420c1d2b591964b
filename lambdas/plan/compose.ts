import * as z from 'zod';
import type { Environment } from '../environment.ts';
import { createModel as configured } from '../model/configured-model.ts';
import type { Model } from '../model/model.ts';
import { Position } from '../workflow.ts';
import { plan, ROUNDS_PER_EXECUTION } from './plan.ts';

const Functions = z.record(z.string(), z.string());

/** Well below the function's own time limit, so that a model that hangs is given up and not cut off. */
const MODEL_MS = 120_000;

export function composePlan(environment: Environment) {
  const { env, required, createModel = configured } = environment;
  const functions = Functions.parse(JSON.parse(required('PERFORM_FUNCTIONS')));
  const models = new Map<string, Model>();
  const deps = {
    ...environment,
    gate: environment.gate(),
    functionOf: (tool: string) => functions[tool] ?? '',
    modelOf: (name: string) => {
      const model = models.get(name) ?? createModel(name, env);
      models.set(name, model);
      return model;
    },
    remembered: new Map(),
    modelMs: MODEL_MS,
    rounds: environment.roundsPerExecution ?? ROUNDS_PER_EXECUTION,
  };
  return (event: unknown) => plan(deps, Position.parse(event));
}
