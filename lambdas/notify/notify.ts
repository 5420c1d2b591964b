import type { HoldAddress } from '../journal/keys.ts';
import type { BodyOf } from '../journal/records.ts';
import { barred } from '../oversight/authority.ts';
import type { Directory, Member } from '../oversight/directory.ts';
import type { Links } from '../oversight/links.ts';

/** What is told of a hold: ids and facts, never arguments, tokens or decisions. */
export interface Notice {
  readonly about: 'opened' | 'reminder' | 'warning' | 'delegated';
  readonly at: HoldAddress;
  readonly hold: BodyOf<'hold'>;
  /** Those who may decide, each with a link of their own. */
  readonly approvers: readonly { readonly member: Member; readonly link: string }[];
}

/** Tells people that they are asked. The inbox is the truth: a notice that is lost or doubled loses nothing (F6). */
export interface Notifier {
  send(notice: Notice): Promise<void>;
}

export const silent: Notifier = { send: async () => {} };

export interface NotifyDeps {
  readonly notifier: Notifier;
  readonly directory: Directory;
  readonly links: () => Promise<Links>;
  /** Base of the links. */
  readonly publicUrl: string;
}

/** Tells everyone who may decide on a hold, or one of them, each with a link that expires with it. */
export const createNotify =
  ({ notifier, directory, links, publicUrl }: NotifyDeps) =>
  async (about: Notice['about'], at: HoldAddress, hold: BodyOf<'hold'>, only?: string): Promise<void> => {
    const members = (await directory.members(hold.groups)).filter(
      (member) => barred(hold, member) === undefined && (only === undefined || member.id === only),
    );
    const signer = await links();
    const approvers = await Promise.all(
      members.map(async (member) => ({
        member,
        link: publicUrl + (await signer.sign(at, member.id, new Date(hold.expiresAt))),
      })),
    );
    await notifier.send({ about, at, hold, approvers });
  };
