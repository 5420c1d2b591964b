import { APICallError } from 'ai';
import { Retryable, Terminal } from '../errors.ts';

/** Bedrock answers 424 when the model failed while it worked on the request. */
const ALSO_RETRYABLE = [424, 425];

/**
 * What a provider's error means for the step: `Retryable` when a later attempt could end better, else `Terminal`.
 * The original goes no further: it holds the whole conversation, and logs show causes.
 */
export const toModelError = (error: unknown, signal: AbortSignal): Retryable | Terminal => {
  if (error instanceof Retryable || error instanceof Terminal) return error;
  if (signal.aborted) return new Retryable('The model did not answer in time');
  if (!(error instanceof Error)) return new Terminal('The model cannot be used');
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return new Retryable('The model did not answer in time');
  if (!APICallError.isInstance(error)) return new Terminal(`The model cannot be used: ${error.message}`);

  const { statusCode, isRetryable, message } = error;
  const said = statusCode === undefined ? message : `HTTP ${statusCode}, ${message}`;
  if (isRetryable || ALSO_RETRYABLE.includes(statusCode ?? 0))
    return new Retryable(`The model is not available: ${said}`);
  return new Terminal(`The model refused the request, or its answer cannot be read: ${said}`);
};
