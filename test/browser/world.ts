import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { RunView } from '../../lambdas/runs/run-schema.ts';
import { until } from '../support/listed-tests.ts';
import { freePorts, startLocal } from '../support/local-process.ts';

/** A local stack of its own process, and a real browser. */
export type BrowserWorld = Awaited<ReturnType<typeof openBrowserWorld>>;

/** What a page did that it must not: scripts, requests to elsewhere, breaches of its policy. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly breaches: readonly string[];
}

type BrowserOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

/** `executablePath` is of Chromium, since browsers that a test tool downloads cannot be had everywhere. */
export async function openBrowserWorld(executablePath: string) {
  const browser: Browser = await chromium.launch({ executablePath });
  const data = await mkdtemp(join(tmpdir(), 'holdpoint-browser-'));
  const stack = await startLocal({ data, ports: await freePorts(2) });

  /** A page of a browser that has no cookies yet. */
  async function visit(options: BrowserOptions = {}): Promise<Visit> {
    const context: BrowserContext = await browser.newContext(options);
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const breaches: string[] = [];
    page.on('dialog', (dialog) => {
      breaches.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${stack.url}/`)) breaches.push(`a request to ${request.url()}`);
    });
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) breaches.push(message.text());
    });
    return { page, breaches, [Symbol.asyncDispose]: () => context.close() };
  }
  /** Starts a scripted run. */
  async function start(scenario: string): Promise<string> {
    const body = { agent: 'support', input: `Play ${scenario}.`, model: `scripted:${scenario}` };
    const answer = await stack.post('/runs', body);
    if (answer.status !== 201) throw new Error(await answer.text());
    return ((await answer.json()) as { runId: string }).runId;
  }
  /** The link of somebody who may decide on the run's open hold, as the inbox has it; whose name begins so. */
  async function linkFor(runId: string, name: string): Promise<string> {
    return until(`a question of ${runId} for ${name}`, async () => {
      const inbox = await (await fetch(`${stack.url}/`)).text();
      return [...inbox.matchAll(/href="([^"]+)">Decide as ([^<]*<bdi[^>]*>)?([^<]+)/g)]
        .map(([, href = '', , who = '']) => ({ href: new URL(href, stack.url).href, who }))
        .find(({ href, who }) => who.startsWith(name) && holdOf(href).startsWith(`${runId}.`))?.href;
    });
  }
  const runOf = async (runId: string) => (await (await stack.get(`/runs/${runId}`)).json()) as RunView;
  return {
    stack,
    visit,
    start,
    linkFor,
    /** A new run's open hold, as Lena sees it, who may decide on it. */
    async open(scenario: string, options?: BrowserOptions) {
      const runId = await start(scenario);
      const link = await linkFor(runId, 'Lena');
      const opened = await visit(options);
      await opened.page.goto(link);
      return { ...opened, runId, link };
    },
    runOf,
    ended: (runId: string) =>
      until(`the end of ${runId}`, async () => {
        const run = await runOf(runId);
        return run.endedAt === undefined ? undefined : run;
      }),
    /** What the downstream did for a run. */
    async effects(runId: string): Promise<number> {
      const ledger = (await (await fetch(`${stack.sandboxUrl}/ledger`)).json()) as {
        effects: { key: string }[];
      };
      return ledger.effects.filter(({ key }) => key.startsWith(`${runId}.`)).length;
    },
    /** What axe finds of WCAG 2.2 A and AA. */
    async barriers(page: Page): Promise<readonly string[]> {
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    },
    async close() {
      await stack.kill();
      await browser.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

const holdOf = (href: string): string => {
  const [, payload = ''] = href.split('/h/').at(-1)?.split('.') ?? [];
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { hold: string }).hold;
};
