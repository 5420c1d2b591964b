import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs';
import type { Routes } from '../oversight/route.ts';
import { type Policy, readAnnotations } from './annotations.ts';
import type { CedarSchema } from './cedar-schema.ts';
import type { Engine } from './engine.ts';
import type { Problem } from './problem.ts';
import { lineOfByte, placeOf, type Statement, statements } from './statements.ts';

export interface PolicyFile {
  readonly name: string;
  readonly text: string;
}

/** Some 740 trap the engine, and only when it evaluates: it parses and validates such a policy. */
const MOST_LEVELS = 300;
const TOO_DEEP = 'nested too deeply for the engine; use a set with contains(), or several policies';

/** Reads, lints and validates policies. Either there are no problems, or the policies are not to be used. */
export const lint = (
  files: readonly PolicyFile[],
  { schema, routes, engine }: { schema: CedarSchema; routes: Routes; engine: Engine },
): { policies: Policy[]; problems: Problem[] } => {
  const problems: Problem[] = [];
  const policies: Policy[] = [];
  const parsed: Statement[] = [];
  const ids = new Map<string, string>();
  for (const statement of files.flatMap(({ name, text }) => statements(name, text))) {
    const json = parse(statement, engine, problems);
    if (!json) continue;
    parsed.push(statement);
    const { policy, problems: found } = readAnnotations(statement, json, routes);
    problems.push(...found);
    const id = json.annotations?.id;
    const first = id && ids.get(id);
    if (first)
      problems.push({ at: placeOf(statement, 'id'), message: `@id "${id}" is already used at ${first}` });
    if (id && !first) ids.set(id, placeOf(statement, 'id'));
    if (policy) policies.push(policy);
  }
  problems.push(...validate(parsed, schema, engine));
  return { policies, problems: inOrder(problems) };
};

const parse = (statement: Statement, engine: Engine, problems: Problem[]) => {
  try {
    const answer = engine.call((cedar) => cedar.policyToJson(statement.text));
    if (answer.type === 'failure') {
      problems.push(...answer.errors.map((error) => problemOf(statement, error)));
    } else if (levels(answer.json) > MOST_LEVELS) {
      problems.push({ at: placeOf(statement), message: TOO_DEEP });
    } else return answer.json;
  } catch {
    problems.push({ at: placeOf(statement), message: TOO_DEEP });
  }
  return undefined;
};

/** Strict validation against the schema. Its warnings count: a policy that can never apply is a mistake. */
const validate = (parsed: readonly Statement[], schema: CedarSchema, engine: Engine): Problem[] => {
  const staticPolicies = Object.fromEntries(parsed.map(({ text }, index) => [`${index}`, text]));
  const answer = engine.call((cedar) =>
    cedar.validate({ schema, policies: { staticPolicies }, validationSettings: { mode: 'strict' } }),
  );
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  const errors = new Set(answer.validationErrors.map(({ policyId }) => policyId));
  const warnings = answer.validationWarnings.filter(({ policyId }) => !errors.has(policyId));
  return [...answer.validationErrors, ...warnings].flatMap(({ policyId, error }) => {
    const statement = parsed[Number(policyId)];
    return statement ? [problemOf(statement, error)] : [];
  });
};

/** How many levels of Cedar's JSON form a value has; `a && b && c` nests too. */
const levels = (value: unknown): number => {
  let deepest = 0;
  const open: [unknown, number][] = [[value, 1]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [here, level] = next;
    deepest = Math.max(deepest, level);
    if (here !== null && typeof here === 'object') {
      for (const inner of Object.values(here)) open.push([inner, level + 1]);
    }
  }
  return deepest;
};

const problemOf = (statement: Statement, error: DetailedError): Problem => {
  const [source] = error.sourceLocations ?? [];
  const line = source ? lineOfByte(statement, source.start) : statement.line;
  const message = error.message.replace(/^(for policy `[^`]*`[,:]|failed to parse policy from string:) /, '');
  const more = [source?.label, error.help].filter(Boolean).map((text) => `; ${text}`);
  return { at: `${statement.file}:${line}`, message: message + more.join('') };
};

/** By file and line, each once: Cedar repeats an error for every action that a policy covers. */
const inOrder = (problems: readonly Problem[]): Problem[] => {
  const places = problems.map((problem) => {
    const [, file = problem.at, line = '0'] = /^(.*):(\d+)$/.exec(problem.at) ?? [];
    return { problem, file, line: Number(line) };
  });
  places.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  const once = new Map(places.map(({ problem }) => [`${problem.at} ${problem.message}`, problem]));
  return [...once.values()];
};
