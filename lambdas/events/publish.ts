import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { Retryable } from '../errors.ts';
import { type HoldpointEvent, SOURCE } from './events.ts';

/** As many as one call takes. */
const AT_ONCE = 10;

/** Puts events on a bus. @throws Retryable where any was not taken: all may be put again, whoever counts looks at their ids */
export async function publish(
  client: EventBridgeClient,
  bus: string,
  events: readonly HoldpointEvent[],
  abortSignal?: AbortSignal,
): Promise<void> {
  for (let from = 0; from < events.length; from += AT_ONCE) {
    const Entries = events.slice(from, from + AT_ONCE).map(({ kind, detail }) => ({
      EventBusName: bus,
      Source: SOURCE,
      DetailType: kind,
      Detail: JSON.stringify(detail),
      Time: new Date(detail.at),
    }));
    const options = abortSignal ? { abortSignal } : {};
    const { FailedEntryCount = 0 } = await client.send(new PutEventsCommand({ Entries }), options);
    if (FailedEntryCount > 0)
      throw new Retryable(`${FailedEntryCount} of ${Entries.length} events were not taken`);
  }
}
