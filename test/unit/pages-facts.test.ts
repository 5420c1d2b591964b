import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { factsOf } from '../../lambdas/api/facts.ts';
import { html } from '../../lambdas/api/pages/html.ts';
import { relative, span } from '../../lambdas/api/pages/time.ts';
import { visibleText } from '../../lambdas/api/pages/visible-text.ts';
import { createWorld, type Question, REFUND, type World } from '../support/api-world.ts';
import { linkFor, openPage } from '../support/link-page.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const pageOf = async (question: Question) => {
  const { holdId } = await world.ask(question);
  return (await openPage(world, await linkFor(world, holdId, 'lena'))).markup;
};
const section = (markup: string, id: string) =>
  new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(markup)?.[0] ?? '';
const unverified = (markup: string) =>
  /<section class="unverified"[\s\S]*?<\/section>/.exec(markup)?.[0] ?? '';

const MARKUP = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '</textarea></section></main></body></html><h1>Approved</h1>',
  '<a href="javascript:alert(1)">click</a>',
  '"><input name="decision" value="approve">',
  "' autofocus onfocus=alert(1) x='",
  '<!-- ',
  ']]><svg/onload=alert(1)>',
  '&lt;b&gt; &#60;b&#62; &amp;',
];

describe('T1: the facts', () => {
  test('are the same bytes whatever the agent says of them, in its words or in a text argument', async () => {
    const forged = Array.from({ length: 50 }, (_, i) =>
      [
        `Already approved by finance (ticket ${i}).`,
        `This refunds 1.00 EUR only. Amount: 1.00 EUR`,
        MARKUP[i % MARKUP.length] ?? '',
        'Customer id C-9999, order id O-9999',
        '\u202e RUE 00.1 \u200b',
      ].join(' '),
    );
    const blocks = new Set<string>();
    for (const said of forged) {
      const markup = await pageOf({ said, args: { ...REFUND, reason: said } });
      blocks.add(section(markup, 'facts') + (/<h1>[\s\S]*?<\/h1>/.exec(markup)?.[0] ?? ''));
    }
    expect(blocks.size).toBe(1);
    const [block = ''] = blocks;
    for (const fact of ['120.00 EUR', 'C-1001', 'O-5001', '149.00 EUR', 'delivered'])
      expect(block).toContain(fact);
  });

  test('come before the agent’s own words, which are boxed, plain, and 280 characters at most', async () => {
    const said = `<b>Approve</b> ${'word '.repeat(100)}END`;
    const markup = await pageOf({ said });
    const box = unverified(markup);
    expect(box).toContain('Unverified');
    expect(box).toContain('&lt;b&gt;Approve&lt;/b&gt;');
    expect(box).not.toContain('END');
    expect(box).toMatch(/\(\d+ more characters are not shown\)/);
    const text = /<bdi class="text">([\s\S]*?)<\/bdi>/.exec(box)?.[1] ?? '';
    expect(text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').length).toBe(280);
    expect(markup.indexOf(box)).toBeGreaterThan(markup.indexOf('id="facts"'));
    expect(markup.slice(markup.indexOf(box) + box.length)).not.toContain('<section');
  });

  test('show money in major units, whatever else in full, in the schema’s order', () => {
    const tool = world.deps.tools.find('support', 'issue_refund').tool;
    const { title, facts } = factsOf('issue_refund', tool, REFUND);
    expect(title).toBe('Refund 120.00 EUR to customer C-1001 for order O-5001');
    expect(facts.map(({ label, value, kind }) => [label, value, kind])).toEqual([
      ['Customer id', 'C-1001', 'identifier'],
      ['Order id', 'O-5001', 'identifier'],
      ['Amount', '120.00 EUR', 'money'],
      ['Currency', 'EUR', 'identifier'],
      ['Reason', 'Headphones were sent back', 'text'],
    ]);
  });

  test('show arguments as they are where the tool is gone or they do not fit it', () => {
    const tool = world.deps.tools.find('support', 'issue_refund').tool;
    for (const definition of [undefined, tool]) {
      const { title, facts } = factsOf('issue_refund', definition, {
        amountMinor: 12.5,
        currency: 'EUR',
        lines: [{ note: 'a' }, { note: '' }],
        none: null,
        empty: [],
      });
      expect(title).toBe('Use the tool issue_refund');
      expect(Object.fromEntries(facts.map(({ path, value }) => [path, value]))).toEqual({
        amountMinor: '12.5',
        currency: 'EUR',
        'lines[0].note': 'a',
        'lines[1].note': '',
        none: 'null',
        empty: '[]',
      });
    }
  });
});

describe('T15: markup', () => {
  test.each(MARKUP)('in any field is shown as it is: %s', async (markup) => {
    const email = {
      customerId: 'C-1002',
      to: 'a@example.com',
      subject: markup,
      body: `before ${markup} after`,
    };
    const page = await pageOf({ tool: 'send_email', args: email, said: markup, input: markup });
    const escaped = markup
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;');
    expect(page.split(escaped).length - 1).toBeGreaterThanOrEqual(4);
    if (escaped !== markup) expect(page).not.toContain(markup);
    // What our own templates make, and nothing besides.
    const tags = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/gi)].map((match) => match[1]));
    for (const tag of ['script', 'img', 'svg', 'iframe', 'object', 'a']) expect(tags).not.toContain(tag);
    expect(page).not.toMatch(/<[^>]*\son\w+=/i);
  });

  test('in a question’s choices, comments and the run’s input is text as well', async () => {
    const [choice = ''] = MARKUP;
    const args = { question: 'What now?', choices: [choice, '"><b>'] };
    const { holdId } = await world.ask({ tool: 'ask_human', args, route: 'question', tier: 'low' });
    const { markup } = await openPage(world, await linkFor(world, holdId, 'lena'));
    expect(markup).toContain('value="&lt;img src=x onerror=alert(1)&gt;"');
    await world.vote(holdId, 'leo', { decision: 'reject', comment: choice });
    const after = await openPage(world, await linkFor(world, holdId, 'lena'));
    expect(after.markup).toContain('&lt;img src=x');
    expect(after.markup).not.toContain('<img');
  });

  test('cannot be smuggled in as an object that says it is markup', () => {
    const json = JSON.parse('{"isEscaped": true}');
    expect(() => html`${json}`).toThrow(TypeError);
    expect(() => html`${[json]}`).toThrow(TypeError);
  });
});

describe('T16: characters that show nothing, or change how the rest is shown', () => {
  test.each([
    ['\u202e', 'bidirectional control U+202E'],
    ['\u2066', 'bidirectional control U+2066'],
    ['\u200b', 'invisible character U+200B'],
    ['\ufeff', 'invisible character U+FEFF'],
    ['\u{e0041}', 'tag character U+E0041'],
    ['\u001b', 'terminal escape U+001B'],
    ['\u0000', 'control character U+0000'],
    ['\u2028', 'line separator U+2028'],
    ['\ud800', 'lone surrogate U+D800'],
  ])('are badges: %j', (character, label) => {
    for (const kind of ['identifier', 'text'] as const) {
      const shown = visibleText(`a${character}b`, kind).toString();
      expect(shown).toContain(`<span class="odd">${label}</span>`);
      expect(shown).not.toContain(character);
    }
  });

  test('include line breaks where there must be none, and an empty text', () => {
    expect(visibleText('a\nb', 'identifier').toString()).toContain('control character U+000A');
    expect(visibleText('a\nb', 'text').toString()).not.toContain('odd');
    expect(visibleText('', 'identifier').toString()).toContain('empty');
  });

  test('are seen on the page, in the title as well', async () => {
    const args = { question: 'Refund\u202e 00.1 EUR?' };
    const page = await pageOf({ tool: 'ask_human', args, route: 'question', tier: 'low' });
    expect(page).not.toContain('\u202e');
    expect(page).toContain('<title>Refund\\u{202E} 00.1 EUR?');
  });
});

test('T18: ten thousand characters are all there, before the form, and nothing is folded away', async () => {
  const body =
    `${Array.from({ length: 1_600 }, (_, i) => `w${i}`).join(' ')} `.padEnd(9_980, '.') +
    'and wire 9,000 EUR.';
  const email = { customerId: 'C-1002', to: 'a@example.com', subject: 'Hello', body };
  const page = await pageOf({ tool: 'send_email', args: email });
  expect(section(page, 'texts')).toContain(`>${body}</bdi>`);
  expect(page.indexOf('and wire 9,000 EUR.')).toBeLessThan(page.indexOf('<form'));
  expect(page).not.toMatch(/<details|overflow: *(auto|scroll|hidden)|max-height|line-clamp/);
});

test('the page says when it expires, absolutely and from now, and what happens then', async () => {
  const page = await pageOf({});
  expect(page).toContain('2026-11-24 06:40 UTC');
  expect(page).toContain('in 1 d');
  expect(page).toContain('goes on to the route finance. Time passing never approves anything.');
});

test('spans of time are told in their two largest units', () => {
  expect(span(0)).toBe('0 s');
  expect(span(12_000_000)).toBe('3 h 20 min');
  expect(span(26 * 3_600_000 + 5_000)).toBe('1 d 2 h');
  expect(span(24 * 3_600_000 + 60_000)).toBe('1 d');
  const now = new Date('2026-11-23T06:40:00Z');
  expect(relative('2026-11-23T06:40:00.400Z', now)).toBe('just now');
  expect(relative('2026-11-23T06:35:00Z', now)).toBe('5 min ago');
});
