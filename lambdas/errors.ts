/**
 * The only split that matters to whoever catches: may the step be tried again, or not?
 * Names are literals because minification would rename a class, and Retry lists compare names.
 */

/** The step did nothing that a second attempt could double: try it again, later. */
export class Retryable extends Error {
  override readonly name: string = 'Retryable';
}

/** Another attempt would end the same way. */
export class Terminal extends Error {
  override readonly name: string = 'Terminal';
}

/**
 * The downstream certainly did nothing: refused connection, 429, a validation error of its own.
 * The only error that a tool may throw to say so; anything else that it throws counts as *unknown*.
 */
export class NothingHappened extends Error {
  override readonly name = 'NothingHappened';
  /** Whether trying again, later, could succeed. A plain refusal (a 400, say) would only be refused again. */
  readonly again: boolean;
  constructor(message: string, options: { again: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.again = options.again;
  }
}
