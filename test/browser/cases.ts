import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { ListedTest } from '../support/listed-tests.ts';
import type { BrowserWorld } from './world.ts';

type Case = ListedTest<BrowserWorld>;

const textOf = async (part: Locator) => ((await part.textContent()) ?? '').trim();
const code = (page: Page) => textOf(page.locator('#code'));
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
/** Waits: what was pressed may not have led on yet. */
const headed = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const recorded = (page: Page) => headed(page, 'Your decision is recorded');

export const DECIDING: readonly Case[] = [
  {
    name: 'from the inbox: a refund is looked at, approved, and paid once; its link then says so',
    async run(world) {
      const runId = await world.start('refund');
      const link = await world.linkFor(runId, 'Lena');
      await using visit = await world.visit();
      const { page, breaches } = visit;
      await page.goto(world.stack.url);
      await page
        .getByRole('link', { name: /^Decide as Lena/ })
        .first()
        .click();
      await headed(page, /120\.00 EUR/);
      assert.equal(await world.effects(runId), 0);
      await page.getByLabel('Type these four letters').fill(await code(page));
      await press(page, 'Approve');
      await recorded(page);
      const run = await world.ended(runId);
      assert.equal(run.status, 'finished');
      assert.equal(await world.effects(runId), 1);
      await page.goto(link);
      assert.equal(await page.getByRole('button').count(), 0);
      assert.match(await textOf(page.locator('main')), /You approved it\./);
      assert.equal(await world.effects(runId), 1);
      assert.deepEqual(breaches, []);
    },
  },
  {
    name: 'by the keyboard alone: Enter in a field decides nothing, Tab leads to the buttons, and a rejection is told',
    async run(world) {
      await using opened = await world.open('refund');
      const { page, runId } = opened;
      await page.getByLabel('Comment').focus();
      await page.keyboard.type('Ask for a photo first.');
      await page.keyboard.press('Tab');
      await page.keyboard.type(await code(page));
      await page.keyboard.press('Enter');
      assert.equal((await world.runOf(runId)).actions.at(-1)?.holds[0]?.settlement, null);
      for (let at = ''; at !== 'Reject'; at = await textOf(page.locator(':focus')))
        await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await recorded(page);
      const run = await world.ended(runId);
      assert.equal(run.actions.at(-1)?.effect?.outcome, 'not performed');
      assert.equal(await world.effects(runId), 0);
    },
  },
  {
    name: 'T2: who follows the link and presses every button, without reading the letters, decides nothing',
    async run(world) {
      await using opened = await world.open('refund');
      const { page, runId, link } = opened;
      for (const name of ['Approve', 'Reject'])
        for (const typed of ['', 'XXXXX']) {
          await page.goto(link);
          // A scanner does not heed `required`.
          await page.locator('form').evaluate((form: { noValidate: boolean }) => {
            form.noValidate = true;
          });
          await page.locator('#challenge').fill(typed);
          await press(page, name);
          assert.match(await textOf(page.getByRole('alert')), /Nothing was recorded yet/);
        }
      assert.deepEqual((await world.runOf(runId)).actions.at(-1)?.holds[0]?.votes, []);
      assert.equal(await world.effects(runId), 0);
    },
  },
  {
    name: 'what was typed is still there where something was wrong, and the message leads to its field',
    async run(world) {
      await using opened = await world.open('refund');
      const { page } = opened;
      await page.getByLabel('Comment').fill('<b>seen</b> & noted');
      await page.getByLabel('Type these four letters').fill('?');
      await press(page, 'Approve');
      assert.equal(await page.getByLabel('Comment').inputValue(), '<b>seen</b> & noted');
      await page.getByRole('alert').getByRole('link').first().click();
      assert.equal(await page.locator(':focus, :target').first().getAttribute('id'), 'challenge');
      assert.deepEqual(await world.barriers(page), []);
    },
  },
  {
    name: 'a question is answered by a choice, and the agent acts on it',
    async run(world) {
      await using opened = await world.open('question');
      const { page, runId } = opened;
      await page.getByLabel('Refund nothing').check();
      await page.getByLabel('Type these four letters').fill(await code(page));
      await press(page, 'Send the answer');
      await recorded(page);
      const run = await world.ended(runId);
      assert.match(run.answer ?? '', /nothing is refunded/);
    },
  },
  {
    name: 'without scripts, which no page has, everything is the same',
    async run(world) {
      await using opened = await world.open('refund', { javaScriptEnabled: false });
      const { page, runId } = opened;
      await page.getByLabel('Type these four letters').fill(await code(page));
      await press(page, 'Approve');
      assert.equal((await world.ended(runId)).status, 'finished');
      assert.equal(await world.effects(runId), 1);
    },
  },
];

const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 320, height: 640 } },
] as const;

/** Each kind of page, by what has to be there for it. */
const PAGES: Readonly<Record<string, (world: BrowserWorld) => Promise<string>>> = {
  'the inbox': async (world) => {
    await world.linkFor(await world.start('refund'), 'Lena');
    return world.stack.url;
  },
  'a hold': async (world) => world.linkFor(await world.start('refund'), 'Lena'),
  'holds side by side': async (world) => world.linkFor(await world.start('parallel'), 'Lena'),
  'a question': async (world) => world.linkFor(await world.start('question'), 'Lena'),
  'a hold after foreign content': async (world) => world.linkFor(await world.start('injected'), ''),
  'a wire': async (world) => world.linkFor(await world.start('wire'), 'Frida'),
  'a link that was altered': async (world) =>
    `${(await world.linkFor(await world.start('refund'), 'Lena')).slice(0, -4)}AAAA`,
};

export const LOOKING: readonly Case[] = Object.entries(PAGES).map(([what, urlOf]) => ({
  name: `${what}: no barrier that axe knows, nothing wider than a telephone, nothing loaded from elsewhere`,
  async run(world) {
    const url = await urlOf(world);
    for (const look of LOOKS) {
      await using visit = await world.visit(look);
      const { page, breaches } = visit;
      await page.goto(url);
      assert.deepEqual(await world.barriers(page), []);
      const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok((wide as number) <= 0, `it is ${wide} pixels too wide`);
      assert.deepEqual(breaches, []);
    }
  },
}));
