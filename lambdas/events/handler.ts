import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { eventsOf, StreamEvent } from './from-stream.ts';
import { publish } from './publish.ts';

const client = new EventBridgeClient({});
const bus = process.env.HOLDPOINT_EVENT_BUS ?? '';

/** Called with what was written to the journal; an error has the same records come again. */
export const handler = (event: unknown) => publish(client, bus, eventsOf(StreamEvent.parse(event)));
