import { sha256 } from '../journal/digest.ts';
import { fitText } from '../journal/fit.ts';
import type { Observation } from './tool.ts';

/** All of it lies in a hold's record. */
const MOST_FACTS = 40;
const MOST_FACT_BYTES = 4_000;
const MOST_NAME_BYTES = 200;
/** A longer one is as good by its hash: it is compared, never read. */
const MOST_VERSION_CHARS = 1_000;

/** What a tool has observed, as a record can hold it: whoever compares two of them has fitted both. */
export function fitObservation({ version, facts }: Observation): Observation {
  const all = Object.entries(facts);
  const kept = all
    .slice(0, MOST_FACTS)
    .map(([name, fact]) => [fitText(name, MOST_NAME_BYTES), fitText(fact, MOST_FACT_BYTES)]);
  const more = all.length - kept.length;
  return {
    version: version.length > MOST_VERSION_CHARS ? sha256(version) : version,
    facts: Object.fromEntries([
      ...kept,
      ...(more > 0 ? [['notice', `${more} more facts are left out`]] : []),
    ]),
  };
}
