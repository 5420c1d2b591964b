/** The part of an SDK command that says what it asks for. */
export interface SdkCommand {
  readonly constructor: { readonly name: string };
  readonly input: object;
}

interface Key {
  readonly pk?: string;
  readonly sk?: string;
}

interface Input {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly Item?: Key;
  readonly Key?: Key;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
  readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly Key[] }>>;
}

const WIRE_NAMES: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Get: 'GetItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  BatchGet: 'BatchGetItem',
};

/** `PutItem journal act#0002.00#result`: the same for every run, so that a point of one run is found in another. */
export function describeCommand(command: SdkCommand): string {
  const name = command.constructor.name.replace(/Command$/, '');
  return [WIRE_NAMES[name] ?? name, ...targetOf(command.input as Input)]
    .join(' ')
    .replace(/[a-z0-9]{26}/g, 'RUN')
    .replace(/\bgrant([# ])[\w-]{12}(?![\w-])/g, 'grant$1GRANT');
}

function targetOf(input: Input): string[] {
  const { TableName, IndexName, Item, Key, RequestItems, ExpressionAttributeValues: values } = input;
  const key = Item ?? Key;
  if (TableName && key) return [TableName, placeOf(TableName, key)];
  if (TableName) {
    const prefix = [values?.[':pk'], values?.[':sk']].filter((value) => value !== undefined);
    return [TableName, ...(IndexName ? [IndexName] : []), prefix.join(' ')];
  }
  return Object.entries(RequestItems ?? {}).flatMap(([table, { Keys = [] }]) => {
    const more = Keys.length > 1 ? [`and ${Keys.length - 1} more`] : [];
    return [table, Keys[0] ? placeOf(table, Keys[0]) : '', ...more];
  });
}

/** Sort keys of the journal are unique across a run's partitions. */
const placeOf = (table: string, { pk = '', sk }: Key) =>
  sk === undefined ? pk : table === 'journal' ? sk : `${pk} ${sk}`;
