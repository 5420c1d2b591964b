/** What a person does with a link: opens the page, reads it, types the letters, presses a button. */

export interface Choice {
  readonly decision: 'approve' | 'reject' | 'answer';
  readonly comment?: string;
}

export interface Decided {
  readonly status: number;
  /** The first heading of the page that came back. */
  readonly heading: string;
}

/** Decides as a browser would: GET the page, then POST its form. Where an answer is asked, the first choice is given. */
export async function decideByLink(link: string, choice: Choice): Promise<Decided> {
  const page = await fetch(link);
  const html = await page.text();
  if (!html.includes('<form')) return { status: page.status, heading: headingOf(html) };
  const form = new URLSearchParams();
  for (const [, name = '', value = ''] of html.matchAll(
    /<input type="hidden" name="([^"]+)" value="([^"]*)">/g,
  )) {
    form.set(name, value);
  }
  const asksForAnswer = html.includes('name="answer"');
  form.set('challenge', /id="code">([^<]+)</.exec(html)?.[1] ?? '');
  form.set('decision', asksForAnswer && choice.decision === 'approve' ? 'answer' : choice.decision);
  if (asksForAnswer) form.set('answer', /name="answer" value="([^"]+)"/.exec(html)?.[1] ?? 'Yes');
  if (choice.comment !== undefined) form.set('comment', choice.comment);
  const cookie = (page.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  const answer = await fetch(link, {
    method: 'POST',
    headers: { cookie, origin: new URL(link).origin },
    body: form,
    redirect: 'manual',
  });
  return { status: answer.status, heading: headingOf(await answer.text()) };
}

const headingOf = (html: string) =>
  /<h1[^>]*>([\s\S]*?)<\/h1>/
    .exec(html)?.[1]
    ?.replace(/<[^>]+>/g, '')
    .trim() ?? '';
