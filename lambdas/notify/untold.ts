/** Channels by name. */
export type Through = 'all' | readonly string[];

/** These channels could not tell people; the others could. */
export class Untold extends Error {
  override readonly name = 'Untold';
  readonly channels: readonly string[];

  constructor(failures: readonly { readonly channel: string; readonly error: unknown }[]) {
    super(failures.map(({ channel, error }) => `${channel}: ${describe(error)}`).join('; '));
    this.channels = failures.map(({ channel }) => channel);
  }
}

/** What went wrong, in words of our own: they are logged, and have no address and no link in them. */
export class ChannelFault extends Error {
  override readonly name = 'ChannelFault';
}

/** Messages of others may quote what they were sent; their names do not. */
const describe = (error: unknown): string =>
  error instanceof ChannelFault ? error.message : error instanceof Error ? error.name : 'unknown';

/** The channels that are to be tried again after an error: all of them, where it does not say. */
export const untoldBy = (error: unknown): Through => (error instanceof Untold ? error.channels : 'all');

/** Those of one set of channels that are in another too. */
export const common = (these: Through, those: Through): Through =>
  these === 'all' ? those : those === 'all' ? these : these.filter((name) => those.includes(name));
