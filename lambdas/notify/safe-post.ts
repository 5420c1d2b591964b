import { request as requestPlain } from 'node:http';
import { type Agent, type AgentOptions, request } from 'node:https';
import { RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { ChannelFault } from './untold.ts';

/**
 * Looks at every address that a name resolves to, and connects to what it looked at: whatever is not a public unicast
 * address is refused, in IPv6's forms of an IPv4 address too.
 */
const PUBLIC_ONLY: Agent = new RequestFilteringHttpsAgent({ keepAlive: false } satisfies AgentOptions);

export interface PostOptions {
  /** The only hosts that are called. */
  readonly hosts: readonly string[];
  /** How connections are made, and with it the one protocol. @default HTTPS to public addresses */
  readonly agent?: Agent;
}

/**
 * Posts JSON to an address that somebody configured, and nowhere else (T21): to a host of a list, no private address,
 * no redirect, within the signal's time.
 * @throws ChannelFault which never names the address: it may be a secret
 */
export function safePost(
  address: string,
  body: string,
  options: PostOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { hosts, agent = PUBLIC_ONLY, signal } = options;
  const url = URL.parse(address);
  const protocol = (agent as unknown as { readonly protocol: string }).protocol;
  if (!url || url.protocol !== protocol || url.username || url.password)
    return refused('the webhook has no address that may be called');
  if (!hosts.includes(url.hostname)) return refused('the host of the webhook is not in the list of hosts');
  const send = protocol === 'https:' ? request : requestPlain;
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new ChannelFault(why));
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    send(url, { method: 'POST', headers, agent, signal }, (answer) => {
      const { statusCode: status = 0 } = answer;
      answer.destroy();
      if (status >= 200 && status < 300) resolve();
      else
        fail(
          `the webhook answered ${status}${status >= 300 && status < 400 ? ', which is not followed' : ''}`,
        );
    })
      .on('error', ({ name, message }) =>
        fail(
          /is not allowed/.test(message)
            ? 'the webhook is at no public address'
            : `the webhook is away: ${name}`,
        ),
      )
      .end(body);
  });
}

const refused = (why: string) => Promise.reject(new ChannelFault(why));
