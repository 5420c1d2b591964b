import { ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';

/** What becomes of a call to the outside, in place of being made. */
export type Fault = <T>(proceed: () => Promise<T>) => Promise<T>;

const timedOut = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });

export const throttled: Fault = async () => {
  throw new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} });
};
export const down: Fault = async () => {
  throw timedOut();
};
/** It was done, and nobody was told. */
export const answerLost: Fault = async (proceed) => {
  await proceed();
  throw timedOut();
};
/** Whoever called is dead from now on. */
export const dies: Fault = () => new Promise(() => {});
export const diesAfter: Fault = async (proceed) => {
  await proceed();
  return new Promise(() => {});
};
/** Calls that are on their way until they are told to land, whatever became of those who sent them. */
export function onTheWay() {
  const sent: (() => Promise<unknown>)[] = [];
  return {
    land: () => Promise.all(sent.splice(0).map((proceed) => proceed())),
    /** The caller has died. */
    dies: ((proceed) => {
      sent.push(proceed);
      return new Promise(() => {});
    }) as Fault,
    /** The caller hears of a broken connection. */
    resets: (async (proceed) => {
      sent.push(proceed);
      throw timedOut();
    }) as Fault,
  };
}
export const late =
  (milliseconds: number): Fault =>
  async (proceed) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return proceed();
  };
export const answers =
  (status: number): Fault =>
  async () =>
    new Response('{}', { status }) as never;
export const refusedConnection: Fault = async () => {
  const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' });
  throw new TypeError('fetch failed', { cause });
};
