import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import * as z from 'zod';
import { barred } from '../oversight/authority.ts';
import { challengeOf } from '../oversight/challenge.ts';
import { shownAt } from '../oversight/dwell.ts';
import { challengeFor, decide } from './decide.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import { factsOf } from './facts.ts';
import { isSameOrigin, meetsFormToken, newFormToken } from './form-token.ts';
import { decisionsOn, type HoldView, readHoldView } from './hold-view.ts';
import { namesFor, siblingsOf } from './page-context.ts';
import { endingOf, endingOfVote, type OpenedPage } from './page-endings.ts';
import type { Entered } from './pages/form.ts';
import { holdPage } from './pages/hold-page.ts';
import { answerPage } from './pages/layout.ts';
import { type Ending, outcomePage } from './pages/outcome-page.ts';
import { type FieldError, fieldErrors, HttpProblem, notFound } from './problem.ts';
import { DecisionForm } from './schemas.ts';

const LinkParams = z.object({ link: z.string() });
const FORM = 'application/x-www-form-urlencoded';

/** The page behind a link. GET and HEAD change nothing (T6); what decides is the form, and never the link alone. */
export function addPageRoutes(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const path = '/h/{link}';
  const pages = Object.fromEntries(
    Object.entries(ANSWERS).map(([status, description]) => [
      status,
      { description, content: { 'text/html': { schema: z.string() } } },
    ]),
  );
  const common = { path, tags: ['pages'], security: [] };
  app.openAPIRegistry.registerPath({
    ...common,
    method: 'get',
    operationId: 'showHold',
    summary: 'The page behind a link: what is asked, or how it ended',
    request: { params: LinkParams },
    responses: pages,
  });
  app.openAPIRegistry.registerPath({
    ...common,
    method: 'post',
    operationId: 'decideByLink',
    summary: 'The form of that page',
    request: { params: LinkParams, body: { required: true, content: { [FORM]: { schema: DecisionForm } } } },
    responses: pages,
  });

  app.get('/h/:link', async (c) => {
    const opened = await open(deps, c.req.param('link'));
    const ending = endingOf(opened);
    return ending ? endingPage(deps, opened.view, ending) : formPage(deps, c, opened, {}, []);
  });

  app.post('/h/:link', async (c) => {
    const link = c.req.param('link');
    const opened = await open(deps, link);
    const { headers } = c.req.raw;
    if (!isForm(headers)) throw new HttpProblem(415, `a form is needed: ${FORM}`);
    if (!isSameOrigin(headers, ownOrigins(deps, c))) throw foreignForm();
    const form = readForm(await c.req.text());
    const cookies = headers.get('cookie') ?? undefined;
    const token = form.fields.csrf ?? '';
    if (!meetsFormToken(await deps.secret(), link, { token, cookies })) throw foreignForm();
    if (opened.expired) return endingPage(deps, opened.view, endingOf(opened) as Ending);

    const parsed = DecisionForm.safeParse(form.fields);
    const errors = [...form.errors, ...(parsed.success ? [] : fieldErrors(parsed.error))];
    const { fields } = form;
    if (!parsed.success || errors.length > 0) {
      const ending = endingOf(opened);
      return ending ? endingPage(deps, opened.view, ending) : formPage(deps, c, opened, fields, errors);
    }
    const { decision, digest, challenge, shown, comment, answer } = parsed.data;
    const decided = await decide(deps, opened.view, opened.member, {
      via: 'link',
      decision,
      digest,
      challenge,
      shown,
      ...(comment === undefined ? {} : { comment }),
      ...(decision === 'answer' && answer !== undefined ? { answer } : {}),
    });
    if (decided.as === 'unfit') return formPage(deps, c, opened, fields, decided.errors);
    if (decided.as === 'unknown hold') throw notFound();
    // Read once more: what is shown is what the records say now.
    const view = (await readHoldView(deps, opened.view.at)) ?? opened.view;
    return endingPage(deps, view, endingOfVote(decided));
  });
}

const ANSWERS = {
  200: 'The question, or how it ended',
  403: 'Not yours to decide, or not our form',
  404: 'Not a link of ours: the same for any altered one',
  409: 'It stands otherwise',
  410: 'Too late',
  413: 'Too large',
  415: 'Not a form',
  422: 'Something is missing; nothing was recorded',
  503: 'Not now: try again in a moment',
};

/** @throws HttpProblem 404 for what is not a link of ours, 403 for whoever may not decide (any more) */
async function open(deps: ApiDeps, link: string): Promise<OpenedPage> {
  const opened = await (await deps.links()).open(link);
  if (opened.as === 'unknown') throw notFound();
  const [view, member] = await Promise.all([readHoldView(deps, opened.at), deps.directory.find(opened.who)]);
  if (!view) throw notFound();
  const bar = barred(view.hold, member);
  if (bar !== undefined || !member) {
    deps.report('a link was refused', { holdId: view.holdId, who: opened.who, detail: bar ?? '' });
    throw new HttpProblem(403, `this is not yours to decide: ${bar}`);
  }
  return { view, member, expired: opened.as === 'expired' };
}

async function formPage(
  deps: ApiDeps,
  c: Context<ApiEnv>,
  { view, member }: OpenedPage,
  entered: Entered,
  errors: readonly FieldError[],
): Promise<Response> {
  const secret = await deps.secret();
  const link = c.req.param('link') ?? '';
  const secure = ownOrigins(deps, c)[0]?.startsWith('https:') ?? false;
  const { token, cookie } = newFormToken(secret, link, { secure });
  const [names, siblings] = await Promise.all([namesFor(deps, view), siblingsOf(deps, view, member)]);
  const markup = holdPage({
    view,
    facts: factsOf(view.tool, view.definition, view.args),
    names,
    siblings,
    csrf: token,
    challenge: challengeOf(secret, challengeFor(view, member)),
    // A form that comes back does not begin to count anew.
    shown: entered.shown ?? shownAt(secret, challengeFor(view, member), deps.now()),
    decisions: decisionsOn(view.hold),
    errors,
    entered,
    now: deps.now(),
  });
  return answerPage(markup, errors.length > 0 ? 422 : 200, { 'set-cookie': cookie });
}

async function endingPage(deps: ApiDeps, view: HoldView, { status, ...ending }: Ending): Promise<Response> {
  const facts = factsOf(view.tool, view.definition, view.args);
  return answerPage(outcomePage({ ...ending, view, facts, names: await namesFor(deps, view) }), status);
}

const isForm = (headers: Headers) =>
  /^application\/x-www-form-urlencoded(\s*;|$)/i.test(headers.get('content-type') ?? '');

const foreignForm = () =>
  new HttpProblem(403, 'this form did not come from our page, or is too old: open the link once more');

/** Where we are reached: as configured, and as this request says. */
const ownOrigins = (deps: ApiDeps, c: Context<ApiEnv>): string[] => [
  ...(deps.publicUrl === undefined ? [] : [new URL(deps.publicUrl).origin]),
  new URL(c.req.url).origin,
];

/** Browsers send fields that were left empty, and line breaks as CR LF. */
function readForm(text: string): { fields: Record<string, string>; errors: FieldError[] } {
  const fields: Record<string, string> = {};
  const errors: FieldError[] = [];
  for (const [field, value] of new URLSearchParams(text)) {
    if (Object.hasOwn(fields, field)) errors.push({ field, detail: 'given twice' });
    else if (value !== '') fields[field] = value.replace(/\r\n/g, '\n');
  }
  return { fields, errors };
}
