import { STATUS_CODES } from 'node:http';
import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { PROBLEM_JSON } from '../lambdas/api/problem.ts';
import { HEADERS_OF_DATA } from '../lambdas/api/security-headers.ts';

/** A variable of API Gateway, which puts in what it found, escaped, and names the field. */
const FOUND = '$context.error.validationErrorString';

/** What API Gateway answers by itself, and what that means here. */
const ANSWERS: readonly (readonly [ResponseType, number, string])[] = [
  [ResponseType.BAD_REQUEST_BODY, 422, `the body does not fit: ${FOUND}`],
  [ResponseType.BAD_REQUEST_PARAMETERS, 422, `the request does not fit: ${FOUND}`],
  // So it says where there is no such path or method.
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, 404, 'there is nothing here, or it is not yours to see'],
  [ResponseType.RESOURCE_NOT_FOUND, 404, 'there is nothing here, or it is not yours to see'],
  [ResponseType.REQUEST_TOO_LARGE, 413, 'the request is too large'],
  [ResponseType.UNSUPPORTED_MEDIA_TYPE, 415, 'the content type is not one that this takes'],
  [ResponseType.THROTTLED, 429, 'too many requests: try again in a moment'],
  [ResponseType.WAF_FILTERED, 403, 'the firewall refuses this request'],
  [ResponseType.INTEGRATION_FAILURE, 503, 'not now: try again in a moment'],
  [ResponseType.INTEGRATION_TIMEOUT, 504, 'it takes too long: try again in a moment'],
];

/** Static values stand in quotes of their own. */
const headers = Object.fromEntries(
  Object.entries({ ...HEADERS_OF_DATA, 'content-type': PROBLEM_JSON }).map(([name, value]) => [
    name,
    `'${value}'`,
  ]),
);

const problem = (title: string, more: object) => ({
  'application/json': JSON.stringify({ type: 'about:blank', title, ...more }),
});

/** Answers that no function gives are problem documents too (RFC 9457), with the headers of all others (T20). */
export function addGatewayAnswers(api: RestApi): void {
  for (const [type, status, detail] of ANSWERS)
    api.addGatewayResponse(type.responseType, {
      type,
      statusCode: String(status),
      responseHeaders: headers,
      templates: problem(STATUS_CODES[status] ?? 'Error', { status, detail }),
    });
  for (const type of [ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX])
    api.addGatewayResponse(type.responseType, {
      type,
      responseHeaders: headers,
      templates: problem('Error', { detail: 'the request could not be served' }),
    });
}
