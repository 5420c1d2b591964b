import type { HoldAddress } from '../journal/keys.ts';
import type { BodyOf } from '../journal/records.ts';
import { barred } from '../oversight/authority.ts';
import type { Directory, Member } from '../oversight/directory.ts';
import type { Links } from '../oversight/links.ts';
import type { Through } from './untold.ts';

/** What people are to be told of a hold. */
export interface Telling {
  readonly about: 'opened' | 'reminder' | 'warning' | 'delegated';
  readonly at: HoldAddress;
  readonly hold: BodyOf<'hold'>;
  readonly agent: string;
  readonly tool: string;
  /** One member alone. @default everyone who may decide */
  readonly only?: string | undefined;
  /** @default all */
  readonly through?: Through | undefined;
}

/** The same, as it is sent: ids and facts, never arguments, tokens or decisions. */
export interface Notice extends Telling {
  /** Those who may decide, each with a link of their own. */
  readonly approvers: readonly { readonly member: Member; readonly link: string }[];
}

/** Tells people that they are asked. The inbox is the truth: a notice that is lost or doubled loses nothing (F6). */
export interface Notifier {
  /** Several at once are bundled. @throws Untold naming the channels that failed, once all were tried */
  send(notices: readonly Notice[]): Promise<void>;
}

export const silent: Notifier = { send: async () => {} };

export interface NotifyDeps {
  readonly notifier: Notifier;
  readonly directory: Directory;
  readonly links: () => Promise<Links>;
  /** Base of the links. */
  readonly publicUrl: string;
}

export type Notify = (tellings: readonly Telling[]) => Promise<void>;

/** Tells everyone who may decide on a hold, or one of them, each with a link that expires with it. */
export const createNotify =
  ({ notifier, directory, links, publicUrl }: NotifyDeps): Notify =>
  async (tellings) => {
    const signer = await links();
    const noticeOf = async (telling: Telling): Promise<Notice> => {
      const { at, hold, only } = telling;
      const members = (await directory.members(hold.groups)).filter(
        (member) => barred(hold, member) === undefined && (only === undefined || member.id === only),
      );
      const approvers = members.map(async (member) => ({
        member,
        link: publicUrl + (await signer.sign(at, member.id, new Date(hold.expiresAt))),
      }));
      return { ...telling, approvers: await Promise.all(approvers) };
    };
    await notifier.send(await Promise.all(tellings.map(noticeOf)));
  };

interface NotifyingEnvironment extends Omit<NotifyDeps, 'publicUrl'> {
  readonly required: (name: string) => string;
}

/** For functions that notify; the others carry none of it. */
export const notifyIn = (environment: NotifyingEnvironment): Notify =>
  createNotify({ ...environment, publicUrl: environment.required('PUBLIC_URL') });
