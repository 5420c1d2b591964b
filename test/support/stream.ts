import type { Item } from '../../lambdas/journal/journal.ts';

/** Records as a stream of their table tells them. */
export const streamOf = (
  items: readonly Item[],
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE' = 'INSERT',
): object => ({
  Records: items.map(({ pk, sk, body, hash }, index) => ({
    eventID: String(index),
    eventName,
    eventSource: 'aws:dynamodb',
    dynamodb: {
      ApproximateCreationDateTime: 1_770_000_000 + index,
      Keys: { pk: { S: pk }, sk: { S: sk } },
      ...(eventName === 'REMOVE'
        ? {}
        : { NewImage: { pk: { S: pk }, sk: { S: sk }, body: { S: body }, hash: { S: hash } } }),
      SequenceNumber: String(index),
      StreamViewType: 'NEW_IMAGE',
    },
  })),
});
