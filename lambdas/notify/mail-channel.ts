import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Channel } from './channels.ts';
import { type Letter, mailHtml, mailText } from './mail-text.ts';
import { titleOf } from './notice-text.ts';
import type { Notice } from './notify.ts';
import { ChannelFault } from './untold.ts';

export interface MailOptions {
  /** @default the function's own */
  readonly client?: SESv2Client;
  /** Sender, an address of a verified identity. */
  readonly from: string;
}

/** A mail to each approver who has an address, with links of their own, one mail however many holds there are. */
export const mailChannel = ({ client = new SESv2Client({}), from }: MailOptions): Channel => ({
  name: 'mail',
  send: async (notices, abortSignal) => {
    const letters = lettersOf(notices);
    const sent = await Promise.allSettled(
      letters.map((letter) =>
        client.send(
          new SendEmailCommand({
            FromEmailAddress: from,
            Destination: { ToAddresses: [letter.address] },
            Content: {
              Simple: {
                Subject: utf8(titleOf(letter.notices.map(({ notice }) => notice))),
                Body: { Text: utf8(mailText(letter)), Html: utf8(String(mailHtml(letter))) },
              },
            },
          }),
          { abortSignal },
        ),
      ),
    );
    const failed = sent.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    const unreachable = notices.filter(({ approvers }) => !approvers.some(({ member }) => member.email));
    if (unreachable.length > 0)
      throw new ChannelFault(`nobody who may decide on ${unreachable.length} of the holds has an address`);
  },
});

const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });

/** What each approver is asked. */
function lettersOf(notices: readonly Notice[]): Letter[] {
  const asked = notices.flatMap((notice) => notice.approvers.map((approver) => ({ notice, ...approver })));
  const byMember = Map.groupBy(asked, ({ member }) => member.id);
  return [...byMember.values()].flatMap((own) => {
    const member = own[0]?.member;
    return member?.email === undefined ? [] : [{ name: member.name, address: member.email, notices: own }];
  });
}
