// Requests to the gateway: one way in, with its errors as its own sentences and its completeness.

import { setClock } from './format.js';
import { placed } from './place.js';

/** An error with the gateway's own sentence. */
export class GatewayError extends Error {
  constructor(status, reason, description, retryAfter) {
    super(description);
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** The moment that everything is asked about, as `at=` takes it; empty for now. */
let moment = '';

/** Paths whose answers are of no moment, or of a span that they name themselves. */
const timeless = /^\/(checks|events|closed|history|epochs|incidents|diff|fields|openapi\.json|livez|readyz|sd|metrics)(\/|$)|^\/$/;

export function setMoment(at) {
  moment = at;
}

/** Clusters, servers and accounts may have any name: it says nothing about what is asked of them. */
const scope = /^\/(cluster|server|account)\/[^/]+/;

/** The path as it is asked at the moment that the page is about. A path that names a moment keeps it. */
export function atMoment(path) {
  const [route, queryText = ''] = path.split('?');
  if (!moment || timeless.test(route.replace(scope, '')) || /(^|&)at=/.test(queryText)) return path;
  return `${path}${path.includes('?') ? '&' : '?'}at=${encodeURIComponent(moment)}`;
}

/** What an answer says of who answered: in its body where there is room for it, which names everybody, else in its headers. */
function completenessOf(document, headers) {
  return fromBody(document) ?? fromHeaders(headers);
}

/** Headers hold no more than fifty names, and a name with a comma is two there. */
export function fromHeaders(headers) {
  const flag = headers.get('Natsight-Complete');
  // Answers that are not about what servers said just now have no such figures.
  if (flag === null || headers.get('Natsight-Responded') === null) return undefined;
  const [responded, expected] = (headers.get('Natsight-Responded') ?? '').split('/').map(Number);
  const missing = (headers.get('Natsight-Missing') ?? '').split(',').map((name) => name.trim()).filter(Boolean);
  return {
    complete: flag === 'unknown' ? null : flag === 'true',
    responded: Number.isFinite(responded) ? responded : null,
    expected: Number.isFinite(expected) ? expected : null,
    missing: missing.map((name) => ({ name })),
  };
}

export function fromBody(document) {
  if (!document || typeof document !== 'object' || document.complete === undefined || document.responded === undefined) return undefined;
  const { complete, expected, responded, missing, unexplained, lame_duck: leaving } = document;
  return { complete, expected, responded, missing: missing ?? [], unexplained, leaving };
}

/**
 * Gets a JSON document: { document, text, completeness, status }. Throws a GatewayError with its own sentence.
 * @param {string} path
 * @param {{ signal?: AbortSignal, accept404?: boolean }} request
 */
export async function get(path, { signal, accept404 = false } = {}) {
  let response;
  try {
    response = await fetch(placed(atMoment(path)), { signal, headers: { Accept: 'application/json' }, credentials: 'same-origin' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new GatewayError(0, 'unreachable', 'The gateway does not answer.');
  }
  setClock(response.headers.get('date'));
  const text = await response.text();
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    document = undefined;
  }
  // A health endpoint answers 503 with its usual body: that is an answer, not an error.
  if (!response.ok && (document === undefined || document.error?.reason !== undefined || document.error?.code !== undefined)) {
    if (response.status === 404 && accept404) return { document: undefined, text, status: 404 };
    const retryAfter = Number(response.headers.get('Retry-After')) || undefined;
    let description = document?.error?.description ?? `The gateway answered ${response.status}.`;
    // What a role may not see is said with its path: a view asks for more than one.
    if (response.status === 401 || response.status === 403) description = `${description}: ${path.split('?')[0]}`;
    throw new GatewayError(response.status, document?.error?.reason ?? 'error', description, retryAfter);
  }
  if (document === undefined) throw new GatewayError(response.status, 'not_json', `${path} is not a JSON document.`);
  return { document, text, status: response.status, at: response.headers.get('Natsight-At') ?? undefined, completeness: completenessOf(document, response.headers) };
}

/** Options as a query string, empty values left out. */
export function query(options) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value !== undefined && value !== null && value !== '' && value !== false) parameters.set(name, value === true ? '1' : value);
  }
  const text = parameters.toString();
  return text ? `?${text}` : '';
}

/**
 * An endpoint of the scope, always in the gathered shape: what one server answers plainly is put
 * into it under that server's name.
 */
export async function gather(scope, endpoint, options, request) {
  const path = `${scope.path}/${endpoint}${query(options)}`;
  const answer = await get(path, request);
  if (Array.isArray(answer.document.servers)) return { ...answer, path, servers: answer.document.servers };
  const name = answer.document.server_name ?? scope.name;
  const server = { name, id: answer.document.server_id ?? name, cluster: '' };
  return { ...answer, path, servers: [{ server, data: answer.document }] };
}
