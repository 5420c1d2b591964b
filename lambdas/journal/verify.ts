import { hashOf, type Item } from './journal.ts';
import { execKey, failedKey, holdKey, type Power, runKey, turnKey, voteKey } from './keys.ts';
import { Body, type Kind, type RUN_ENDS } from './records.ts';

/** What is wrong with one record: its text or hash, that it is not there, or that it does not belong. */
export interface Finding {
  readonly as: 'changed' | 'missing' | 'added';
  /** Sort key of the record. */
  readonly key: string;
  readonly why: string;
}

export interface Verified {
  readonly ok: boolean;
  readonly records: number;
  /** The first bad record, in the order in which they say that they were written. */
  readonly finding?: Finding;
  /** Records that nothing follows from, such as votes that came too late to count: no error, and not proved either. */
  readonly loose: readonly string[];
  /** The run's end, from which all else is reached: what an anchor outside would keep. */
  readonly head?: { readonly key: string; readonly hash: string };
}

type Ended = (typeof RUN_ENDS)[number];
type Node = Item & { readonly parsed: Body };

const ID = String.raw`act#\d{4,}\.\d{2}`;
const N = '(0|[1-9][0-9]*)';

/** What may lie where. */
const PLACES: readonly { power: Power; place: RegExp; kind: Kind }[] = [
  { power: 'proposals', place: /^turn#\d{4,}$/, kind: 'turn' },
  { power: 'oversight', place: /^run$/, kind: 'run' },
  { power: 'oversight', place: RegExp(`^exec#${N}$`), kind: 'exec' },
  { power: 'oversight', place: RegExp(`^${ID}#hold#${N}$`), kind: 'hold' },
  { power: 'oversight', place: RegExp(`^${ID}#hold#${N}#vote#.+$`), kind: 'vote' },
  { power: 'oversight', place: RegExp(`^${ID}#hold#${N}#settled$`), kind: 'settled' },
  { power: 'oversight', place: /^cancel$/, kind: 'cancel' },
  { power: 'oversight', place: /^failed$/, kind: 'failed' },
  { power: 'effects', place: RegExp(`^${ID}#try#${N}#intent$`), kind: 'intent' },
  { power: 'effects', place: RegExp(`^${ID}#try#${N}#outcome$`), kind: 'outcome' },
  { power: 'effects', place: RegExp(`^${ID}#again#${N}$`), kind: 'again' },
  { power: 'effects', place: RegExp(`^${ID}#result$`), kind: 'result' },
];

/**
 * Recomputes a run's hash graph from its stored items, and names the first record that was changed, taken away or
 * added (T24). `endedAs`: how the run is known to have ended, so that a cut-off end is missed. Whoever can rewrite
 * every record with new hashes is found only by comparing {@link Verified.head} with a copy kept elsewhere.
 */
export function verify(
  items: readonly Item[],
  expected: { readonly runId: string; readonly endedAs?: Ended | undefined },
): Verified {
  const whole = new Map(items.map((item) => [item.sk, item]));
  const sorted = items.map((item) => ({ item, at: timeOf(item) }));
  sorted.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.item.sk < b.item.sk ? -1 : 1));
  const nodes = new Map<string, Node>();
  let finding: Finding | undefined;
  for (const { item } of sorted) {
    const parsed = read(item, expected.runId);
    if ('as' in parsed) finding ??= parsed;
    else {
      nodes.set(item.sk, { ...item, parsed });
      finding ??= brokenLink(item.sk, parsed, whole);
    }
    if (finding) break;
  }
  const records = items.length;
  if (!whole.has(runKey.sk)) finding ??= { as: 'missing', key: runKey.sk, why: 'a run begins with it' };
  if (finding) return { ok: false, records, finding, loose: [] };

  const turns = [...nodes.values()].filter(({ parsed }) => parsed.kind === 'turn');
  // The first end: whatever says that it came after it is found as added.
  const last = turns.find(({ parsed }) => parsed.kind === 'turn' && parsed.end);
  if (!last) {
    if (!lacksEnd(nodes, expected.endedAs)) return { ok: true, records, loose: [] };
    const why = 'the run has ended, and its last record is not there';
    const key = turnKey(turns.length + 1).sk;
    return { ok: false, records, finding: { as: 'missing', key, why }, loose: [] };
  }
  const reached = reach(last, nodes);
  const loose = sorted.map(({ item }) => item.sk).filter((sk) => !reached.has(sk));
  const added = loose.find((sk) => !mayBeLoose(nodes.get(sk) as Node, nodes));
  const seen = { records, loose, head: { key: last.sk, hash: last.hash } };
  if (added === undefined) return { ok: true, ...seen };
  const why = 'nothing that the run came to follows from it';
  return { ok: false, finding: { as: 'added', key: added, why }, ...seen };
}

/** A run that could not go on has a record of that instead of a last turn. */
const lacksEnd = (nodes: ReadonlyMap<string, Node>, endedAs: Ended | undefined) =>
  endedAs !== undefined && !(endedAs === 'failed' && nodes.has(failedKey.sk));

/** When a record says it was written; a text that says nothing comes first. */
function timeOf(item: Item): string {
  try {
    const { at } = JSON.parse(item.body) as { at?: unknown };
    return typeof at === 'string' ? at : '';
  } catch {
    return '';
  }
}

function read(item: Item, runId: string): Body | Finding {
  const changed = (why: string): Finding => ({ as: 'changed', key: item.sk, why });
  if (hashOf(item) !== item.hash) return changed('its text does not have its hash');
  let json: unknown;
  try {
    json = JSON.parse(item.body);
  } catch {
    return changed('its text is not JSON');
  }
  const parsed = Body.safeParse(json);
  if (!parsed.success) return changed('its text is not that of a record');
  const body = parsed.data;
  const place = PLACES.find(({ place }) => place.test(item.sk));
  const belongs =
    place?.kind === body.kind && item.pk === `${place.power}#${runId}` && saysItsPlace(item, body, runId);
  return belongs ? body : { as: 'added', key: item.sk, why: 'no such record belongs there' };
}

function saysItsPlace({ sk }: Item, body: Body, runId: string): boolean {
  switch (body.kind) {
    case 'run':
      return body.runId === runId;
    case 'turn':
      return turnKey(body.turn).sk === sk;
    case 'exec':
      return execKey(body.exec).sk === sk;
    case 'vote':
      return sk.endsWith(`#vote#${body.who}`);
    default:
      return true;
  }
}

/** Every record names those it follows from; the ones that its own place tells of must be among them. */
function brokenLink(sk: string, body: Body, whole: ReadonlyMap<string, Item>): Finding | undefined {
  const links = Object.entries(body.after);
  for (const [key, hash] of links) {
    const named = whole.get(key);
    if (!named) return { as: 'missing', key, why: `${sk} follows from it` };
    if (named.hash !== hash) return { as: 'changed', key, why: `${sk} follows from another text of it` };
  }
  if (body.kind === 'turn' && body.turn > 1 && !whole.has(turnKey(body.turn - 1).sk)) {
    return { as: 'missing', key: turnKey(body.turn - 1).sk, why: `${sk} comes after it` };
  }
  const missing = predecessors(sk, body).find((key) => !(key in body.after));
  if (missing === undefined && (links.length > 0 || body.kind === 'run')) return undefined;
  const why = missing === undefined ? 'it follows from nothing' : `it does not follow from ${missing}`;
  return { as: 'added', key: sk, why };
}

function predecessors(sk: string, body: Body): string[] {
  const [, action = ''] = sk.split('#');
  switch (body.kind) {
    case 'exec':
      return [body.exec === 1 ? runKey.sk : execKey(body.exec - 1).sk];
    case 'vote':
      return [sk.slice(0, sk.indexOf('#vote#'))];
    case 'settled': {
      const hold = Number(sk.split('#')[3]);
      return [holdKey(action, hold).sk, ...body.votes.map(({ who }) => voteKey(action, hold, who).sk)];
    }
    case 'outcome':
      return [sk.replace(/#outcome$/, '#intent')];
    case 'cancel':
      return [runKey.sk];
    default:
      return [];
  }
}

function reach(from: Node, nodes: ReadonlyMap<string, Node>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [from.sk];
  for (let sk = open.pop(); sk !== undefined; sk = open.pop()) {
    const node = nodes.get(sk);
    if (!node || reached.has(sk)) continue;
    reached.add(sk);
    open.push(...Object.keys(node.parsed.after));
  }
  return reached;
}

/**
 * Whether an honest run can end without following from this record. Turns, attempts and results: never. A question,
 * its settlement and a decision: where a cancellation, or the late answer to a doubt, overtook them.
 */
function mayBeLoose({ sk, parsed }: Node, nodes: ReadonlyMap<string, Node>): boolean {
  switch (parsed.kind) {
    case 'run':
    case 'turn':
    case 'result':
      return false;
    case 'intent':
      // No try, but what was decided in the place of one: to ask about a try whose answer came after all, or to end
      // what a settlement had ended.
      if (parsed.instead?.kind === 'result') return nodes.has('cancel');
      return parsed.instead?.asks === 'doubt';
    case 'hold':
    case 'settled':
    case 'again': {
      const hold = nodes.get(sk.replace(/#settled$/, ''))?.parsed;
      const doubt = (hold?.kind === 'hold' || hold?.kind === 'again') && hold.asks === 'doubt';
      return doubt || nodes.has('cancel');
    }
    case 'exec':
    case 'vote':
    case 'outcome':
    case 'cancel':
    case 'failed':
      return true;
    case 'braked':
    case 'lifted':
    case 'granted':
    case 'revoked':
      return false;
  }
}
