/** What a browser knows of a page that it opened. */
export interface OpenedPage {
  readonly url: string;
  readonly status: number;
  readonly markup: string;
  /** Hidden fields and the letters to type. */
  readonly fields: Readonly<Record<string, string>>;
  readonly cookie: string;
}

export async function openPage(url: string): Promise<OpenedPage> {
  const answer = await fetch(url);
  const markup = await answer.text();
  const hidden = [...markup.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return {
    url,
    status: answer.status,
    markup,
    fields: {
      ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])),
      challenge: /id="code">([^<]+)</.exec(markup)?.[1] ?? '',
    },
    cookie: (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '',
  };
}

/** Sends a page's form, as a browser does that reached it at `origin`. */
export async function sendForm(
  page: OpenedPage,
  origin: string,
  fields: Readonly<Record<string, string>>,
): Promise<{ status: number; markup: string }> {
  const answer = await fetch(page.url, {
    method: 'POST',
    headers: { cookie: page.cookie, origin },
    body: new URLSearchParams({ ...page.fields, ...fields }),
  });
  return { status: answer.status, markup: await answer.text() };
}
