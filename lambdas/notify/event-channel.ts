import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { HoldpointEvent } from '../events/events.ts';
import { holdFacts } from '../events/facts.ts';
import { publish } from '../events/publish.ts';
import { holdId } from '../journal/keys.ts';
import type { Channel } from './channels.ts';
import type { Notice } from './notify.ts';

export interface EventChannelOptions {
  /** @default the function's own */
  readonly client?: EventBridgeClient;
  readonly bus: string;
}

/** Puts reminders and warnings on the bus. What is recorded, openings and delegations too, comes from the journal's stream. */
export const eventChannel = ({ client = new EventBridgeClient({}), bus }: EventChannelOptions): Channel => ({
  name: 'events',
  send: (notices, signal) => publish(client, bus, notices.flatMap(eventOf), signal),
});

function eventOf({ about, at, hold }: Notice): HoldpointEvent[] {
  if (about !== 'reminder' && about !== 'warning') return [];
  const kind = about === 'reminder' ? 'Hold reminded' : 'Hold warned';
  const when = about === 'reminder' ? hold.remindAt : (hold.warnAt ?? hold.remindAt);
  return [{ kind, detail: { id: `${holdId(at)}/${about}`, at: when, ...holdFacts(at, hold) } }];
}
