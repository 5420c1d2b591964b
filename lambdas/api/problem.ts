import { STATUS_CODES } from 'node:http';
import * as z from 'zod';

export const FieldError = z
  .object({
    field: z.string().meta({ description: 'Path of the field, such as `args.amountMinor`' }),
    detail: z.string(),
  })
  .meta({ id: 'FieldError' });
export type FieldError = z.infer<typeof FieldError>;

/** A problem document (RFC 9457). */
export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(FieldError).optional(),
  })
  .meta({ id: 'Problem' });

export const PROBLEM_JSON = 'application/problem+json' as const;

export interface ProblemDetails {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Members beside those of the standard, such as the true outcome of a hold. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Ends a request: thrown anywhere in a handler, answered as a problem document, or on a page's path as a page. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly details: ProblemDetails;
  constructor(status: number, detail: string, details: ProblemDetails = {}) {
    super(detail);
    this.status = status;
    this.details = details;
  }
}

export const problemResponse = ({ status, message, details }: HttpProblem): Response => {
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    ...(details.errors ? { errors: details.errors } : {}),
    ...details.more,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...details.headers, 'content-type': PROBLEM_JSON },
  });
};

/** The same for what is not there and for what is not the caller's to see (T29). */
export const notFound = () => new HttpProblem(404, 'there is nothing here, or it is not yours to see');

/** Bad input, refused whole, with its fields named. */
export const unfit = (...errors: readonly FieldError[]) =>
  new HttpProblem(422, errors.map(({ field, detail }) => `${field}: ${detail}`).join('; '), { errors });

/** What zod found, field by field; an extra field is named itself. */
export const fieldErrors = (error: z.core.$ZodError, prefix = ''): FieldError[] =>
  error.issues.flatMap((issue) => {
    const path = [...(prefix ? [prefix] : []), ...issue.path.map(String)];
    const field = path.join('.') || 'body';
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: [...path, key].join('.'), detail: 'no such field' }))
      : [{ field, detail: issue.message }];
  });
