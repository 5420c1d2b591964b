import type { Journal } from '../journal/journal.ts';
import type { Rows } from '../journal/rows.ts';
import type { PriceOf } from '../model/prices.ts';
import type { Notify } from '../notify/notify.ts';
import type { Report } from '../observe/report.ts';
import type { Directory, Member } from '../oversight/directory.ts';
import type { Links } from '../oversight/links.ts';
import type { Routes } from '../oversight/route.ts';
import type { ToolBox } from '../tools/tool-box.ts';
import type { Workflow } from '../workflow-client.ts';
import type { Identity } from './identity.ts';

/** What the HTTP interface is made of; the same on AWS and on one machine. */
export interface ApiDeps {
  readonly journal: Journal;
  readonly rows: Rows;
  readonly workflow: Workflow;
  readonly directory: Directory;
  readonly routes: Routes;
  readonly tools: ToolBox;
  readonly links: () => Promise<Links>;
  /** Keys challenges, form tokens and list cursors: at least 32 bytes, the same in every instance. */
  readonly secret: () => Promise<Uint8Array>;
  readonly identity: Identity;
  readonly models: { readonly default: string; readonly has: (name: string) => boolean };
  readonly policyVersion: () => string;
  readonly priceOf: PriceOf;
  /** Tells one person of a hold. @default nobody is told: the inbox is the truth */
  readonly notify?: Notify;
  /** How long a person must have looked at what they approve, from tier high up. @default 0 */
  readonly dwellSeconds?: number;
  /** Groups that see every run, may cancel any and set brakes. @default ['operations'] */
  readonly operators?: readonly string[];
  /** Where people reach us, where that differs from the address that requests name. */
  readonly publicUrl?: string;
  /** Shows every open hold at `/`, with links for everyone who may decide: on a loopback address alone. @default false */
  readonly localInbox?: boolean;
  readonly report: Report;
  readonly now: () => Date;
}

/** What a request carries once its caller is known. */
export interface ApiEnv {
  Variables: { caller: Member };
}

export const isOperator = (deps: ApiDeps, member: Member): boolean =>
  member.groups.some((group) => (deps.operators ?? ['operations']).includes(group));
