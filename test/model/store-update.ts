export interface Item {
  readonly pk: string;
  readonly sk: string;
  readonly [field: string]: unknown;
}

interface Named {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, unknown> | undefined;
}

interface Update extends Named {
  readonly UpdateExpression?: string | undefined;
}

interface Condition extends Named {
  readonly ConditionExpression?: string | undefined;
}

const unknown = (what: string) => new Error(`the fake store does not know ${what}`);

/** Whether a condition holds of what is there. @throws Error for one that it does not know. */
export function holds(item: Item | undefined, { ConditionExpression, ...of }: Condition): boolean {
  if (ConditionExpression === undefined) return true;
  return ConditionExpression.split(' AND ').every((clause) => {
    const field = (name: string) => of.ExpressionAttributeNames?.[name] ?? name;
    const exists = /^attribute_(not_)?exists\(([#\w]+)\)$/.exec(clause);
    if (exists) return (item?.[field(exists[2] ?? '')] === undefined) === (exists[1] !== undefined);
    const equal = /^([#\w]+) = (:\w+)$/.exec(clause);
    if (!equal) throw unknown(clause);
    return (
      item !== undefined && item[field(equal[1] ?? '')] === of.ExpressionAttributeValues?.[equal[2] ?? '']
    );
  });
}

/** What an update expression makes of an item. @throws Error for an expression that it does not know. */
export function update(before: Item, { UpdateExpression = '', ...of }: Update): Item {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = of;
  const parts = /^(?:SET (?<set>.*?))?\s*(?:REMOVE (?<remove>.*))?$/.exec(UpdateExpression)?.groups;
  if (!parts?.set && !parts?.remove) throw unknown(UpdateExpression);
  const field = (placeholder: string): string => {
    const found = names[placeholder.trim()];
    if (!found) throw unknown(placeholder);
    return found;
  };
  const resolve = (operand: string): unknown => {
    const called = /^(?<name>\w+)\((?<inner>.*)\)$/.exec(operand)?.groups;
    if (called?.inner) {
      const [first = '', second = ''] = apart(called.inner);
      if (called.name === 'if_not_exists') return before[field(first)] ?? resolve(second);
      if (called.name === 'list_append')
        return [...(resolve(first) as unknown[]), ...(resolve(second) as unknown[])];
    }
    if (operand.startsWith('#')) return before[field(operand)];
    if (operand in values) return values[operand];
    throw unknown(operand);
  };
  const item: Record<string, unknown> = { ...before };
  for (const clause of parts.set ? apart(parts.set) : []) {
    const [target = '', source = ''] = clause.split(' = ');
    item[field(target)] = resolve(source);
  }
  for (const gone of parts.remove?.split(',') ?? []) delete item[field(gone)];
  return item as Item;
}

/** Splits at the commas that stand in no bracket. */
function apart(list: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let part = '';
  for (const letter of list) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === ',' && depth === 0) {
      found.push(part.trim());
      part = '';
    } else part += letter;
  }
  return [...found, part.trim()];
}
