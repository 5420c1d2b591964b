import type { LanguageModel } from 'ai';
import { Retryable } from '../errors.ts';
import type { Model } from './model.ts';

/**
 * A model behind the AI SDK. `load` brings in the provider's package with the first request, so that nothing is
 * loaded that is not used.
 */
export const createAiSdkModel = (name: string, load: () => Promise<LanguageModel>): Model => {
  let loaded: Promise<LanguageModel> | undefined;
  return {
    name,
    next: async (request) => {
      loaded ??= load();
      try {
        const [{ ask }, model] = await Promise.all([import('./ask.ts'), loaded]);
        return await beforeAbort(request.signal, ask(model, request));
      } catch (error) {
        const { toModelError } = await import('./model-error.ts');
        throw toModelError(error, request.signal);
      }
    },
  };
};

/** A provider may overlook the signal, while it looks for credentials for instance. */
const beforeAbort = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = (): void => reject(new Retryable('The model did not answer in time'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
