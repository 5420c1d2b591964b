import * as z from 'zod';
import { decode } from '../journal/journal.ts';
import { Body } from '../journal/records.ts';
import type { HoldpointEvent } from './events.ts';
import { eventOf, idOf, type Place } from './from-record.ts';

const text = z.object({ S: z.string() }).transform(({ S }) => S);

/** What a stream of the journal tells: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export const StreamEvent = z.object({
  Records: z.array(
    z.object({
      eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
      dynamodb: z.object({
        ApproximateCreationDateTime: z.number(),
        Keys: z.object({ pk: text, sk: text }),
        NewImage: z.object({ body: text, hash: text }).optional().catch(undefined),
      }),
    }),
  ),
});
type Change = z.infer<typeof StreamEvent>['Records'][number];

/** The events that changes of the journal are. Total: no record, however strange, keeps those behind it waiting. */
export const eventsOf = ({ Records }: z.infer<typeof StreamEvent>): HoldpointEvent[] =>
  Records.flatMap((change) => ofChange(change) ?? []);

function ofChange({ eventName, dynamodb }: Change): HoldpointEvent | undefined {
  const { Keys, NewImage, ApproximateCreationDateTime: seconds } = dynamodb;
  const at = new Date(seconds * 1000).toISOString();
  if (eventName === 'REMOVE') return altered(Keys, at, 'removed');
  if (eventName === 'MODIFY') return altered(Keys, at, 'overwritten');
  try {
    return eventOf(
      Keys,
      Body.parse(decode({ ...Keys, body: NewImage?.body ?? '', hash: NewImage?.hash ?? '' }).body),
    );
  } catch {
    return altered(Keys, at, 'unreadable');
  }
}

/** Records are written once, and by nobody removed (T24). */
const altered = (
  place: Place,
  at: string,
  how: 'overwritten' | 'removed' | 'unreadable',
): HoldpointEvent => ({ kind: 'Journal altered', detail: { id: `${idOf(place)}/${how}/${at}`, at, how } });
