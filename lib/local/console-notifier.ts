import { holdId } from '../../lambdas/journal/keys.ts';
import type { Notice, Notifier } from '../../lambdas/notify/notify.ts';

const WHAT: Readonly<Record<Notice['about'], string>> = {
  opened: 'asks for a decision',
  reminder: 'still waits for a decision',
  warning: 'is about to expire',
  delegated: 'was handed on, and asks for a decision',
};

/** Says of each hold who is asked, with a link for each. Whoever reads it may act as any of them: for one machine only. */
export const consoleNotifier = (print: (line: string) => void): Notifier => ({
  send: async (notices) => notices.forEach(tell(print)),
});

const tell =
  (print: (line: string) => void) =>
  ({ about, at, hold, approvers }: Notice): void => {
    const lines = approvers.map(({ member, link }) => `    ${member.name}: ${link}`);
    const what = WHAT[about];
    const until = hold.expiresAt.replace('T', ' ').slice(0, 16);
    print(
      [`${holdId(at)} ${what} (${hold.tier}, ${hold.route}, until ${until} UTC): ${hold.why}`, ...lines].join(
        '\n',
      ),
    );
  };
