import { ofType, plain, type Resource, type Resources } from './stack-template.ts';

export interface Statement {
  readonly role: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Patterns of the first part of the key, where the statement says any. */
  readonly leadingKeys: readonly string[] | undefined;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Every statement that allows a role something. @throws Error for what this cannot judge. */
export function statements(resources: Resources): Statement[] {
  return ofType(resources, 'AWS::IAM::Policy').flatMap(([id, { Properties }]) =>
    Properties.Roles.flatMap((role: unknown) =>
      Properties.PolicyDocument.Statement.map((statement: Record<string, unknown>) => {
        const { Effect, Action, Resource: on, Condition = {}, ...rest } = statement;
        if (Effect !== 'Allow' || Object.keys(rest).length > 0)
          throw new Error(`${id}: ${JSON.stringify(statement)}`);
        return {
          role: plain(role),
          actions: list(Action).map(String),
          resources: list(on).map(plain),
          leadingKeys: leadingKeys(Condition as Record<string, Record<string, string[]>>),
        };
      }),
    ),
  );
}

/** Conditions by which a statement allows less than it says: judging without them errs on the strict side. */
const NARROWER = ['ses:FromAddress', 'events:source'];

function leadingKeys(condition: Record<string, Record<string, string[]>>): readonly string[] | undefined {
  const [[operator, keys] = [undefined, undefined], ...more] = Object.entries(condition);
  if (operator === undefined) return undefined;
  if (operator === 'StringEquals' && Object.keys(keys ?? {}).every((key) => NARROWER.includes(key)))
    return undefined;
  const values = keys?.['dynamodb:LeadingKeys'];
  if (more.length > 0 || Object.keys(keys ?? {}).length > 1 || !values)
    throw new Error(JSON.stringify(condition));
  // A star means itself in StringEquals.
  if (operator === 'ForAllValues:StringEquals' && !values.some((value) => value.includes('*'))) return values;
  if (operator === 'ForAllValues:StringLike') return values;
  throw new Error(`an operator that this cannot judge: ${operator}`);
}

/** Whether a pattern of IAM, in which only the star stands for something, covers a text. */
const covers = (pattern: string, text: string) =>
  new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, (c) => (c === '*' ? '.*' : `\\${c}`))}$`, 'i').test(
    text,
  );

/** Whether a role may do this to a resource, at a partition key if one is given, by any of its statements. */
export const may = (
  all: readonly Statement[],
  role: string,
  action: string,
  resource: string,
  partitionKey = '',
): boolean =>
  all.some(
    (statement) =>
      statement.role === role &&
      statement.actions.some((pattern) => covers(pattern, action)) &&
      statement.resources.some((pattern) => covers(pattern, resource)) &&
      (statement.leadingKeys?.some((pattern) => covers(pattern, partitionKey)) ?? true),
  );

export interface Deployed {
  readonly id: string;
  /** What is called, as text: its alias, or itself where it has none. */
  readonly live: string;
  readonly role: string;
  readonly resource: Resource;
  readonly environment: Readonly<Record<string, unknown>>;
}

/** Functions by what they are: `plan`, `hold`, …, `perform issue_refund`. */
export function functions(resources: Resources): ReadonlyMap<string, Deployed> {
  return new Map(
    ofType(resources, 'AWS::Lambda::Function').map(([id, resource]) => {
      const environment = resource.Properties.Environment.Variables;
      const tool = environment.HOLDPOINT_TOOL;
      const path = /^Holdpoint(?:Steps)?(Plan|Hold|Expire|Reconcile|Api|Events)/.exec(id)?.[1] ?? id;
      const name = tool === undefined ? path.toLowerCase() : `perform ${tool}`;
      const alias = ofType(resources, 'AWS::Lambda::Alias').find(
        ([, of]) => plain(of.Properties.FunctionName) === id,
      );
      const live = alias?.[0] ?? `${id}.Arn`;
      return [name, { id, live, role: resource.Properties.Role['Fn::GetAtt'][0], resource, environment }];
    }),
  );
}

/** The logical id of the one resource of a type whose id starts like this. */
export function only(resources: Resources, type: string, start = ''): string {
  const ids = ofType(resources, type).flatMap(([id]) => (id.startsWith(start) ? [id] : []));
  if (ids.length !== 1) throw new Error(`${type} ${start}: ${ids.length} found`);
  return ids[0] as string;
}
