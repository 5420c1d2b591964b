import type * as z from 'zod';
import { PROBLEM_JSON, Problem } from './problem.ts';

/** Answers of a route, for its OpenAPI description. */

const DESCRIPTIONS = {
  400: 'Not JSON',
  401: 'No token, or not one that is known',
  403: 'Not yours to do',
  404: 'Not there, or not yours to see',
  409: 'It stands otherwise',
  410: 'Too late: it has expired',
  413: 'The body is too large',
  415: 'Not a content type that this takes',
  422: 'Refused whole; the fields are named',
  503: 'Not now: try again after a moment',
} as const;

type Status = keyof typeof DESCRIPTIONS;

export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

interface ProblemAnswer {
  readonly description: string;
  readonly content: { readonly [PROBLEM_JSON]: { readonly schema: typeof Problem } };
}

/** Problem documents of these statuses; every route that asks who calls has the first three anyway. */
export const problems = <S extends Status = never>(...statuses: readonly S[]) => {
  const all: readonly Status[] = [401, 403, 503, ...statuses];
  const answers = all.map((status) => [
    status,
    { description: DESCRIPTIONS[status], content: { [PROBLEM_JSON]: { schema: Problem } } },
  ]);
  return Object.fromEntries(answers) as Record<S | 401 | 403 | 503, ProblemAnswer>;
};

export const body = <S extends z.ZodType>(schema: S) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});

export const SECURITY = [{ bearer: [] }];
