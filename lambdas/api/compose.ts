import * as z from 'zod';
import type { Environment } from '../environment.ts';
import { readPrices } from '../model/prices.ts';
import { loadScenario } from '../model/scenario-files.ts';
import { notifyIn } from '../notify/notify.ts';
import { createApi } from './app.ts';
import type { Identity } from './identity.ts';

/** A text that is no number would switch the dwell off. */
const Seconds = z.coerce.number().int().min(0);

export interface ApiOptions {
  readonly identity: Identity;
  /** On one machine: every scripted model is there to be picked, and `/` lists all holds with links for everyone. */
  readonly local?: boolean;
}

export function composeApi(environment: Environment, { identity, local = false }: ApiOptions) {
  const { env } = environment;
  const configured = (env.HOLDPOINT_MODELS || env.HOLDPOINT_MODEL || 'scripted:refund')
    .split(',')
    .map((name) => name.trim());
  const isScript = (name: string) => {
    const [kind, scenario = ''] = name.split(':');
    if (!local || kind !== 'scripted') return false;
    try {
      return loadScenario(scenario) !== undefined;
    } catch {
      return false;
    }
  };
  return createApi({
    ...environment,
    identity,
    workflow: environment.workflow(),
    notify: env.PUBLIC_URL ? notifyIn(environment) : async () => {},
    secret: environment.pageSecret,
    models: { default: configured[0] ?? '', has: (name) => configured.includes(name) || isScript(name) },
    priceOf: readPrices(env.HOLDPOINT_PRICES),
    policyVersion: () => environment.gate().policyVersion,
    dwellSeconds: Seconds.parse(env.HOLDPOINT_DWELL_SECONDS || 0),
    localInbox: local,
    ...(env.PUBLIC_URL ? { publicUrl: env.PUBLIC_URL } : {}),
  });
}
