// Numbers as people read them. Unknown is an em dash, never a zero.

export const unknown = '—';
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

function scaled(value, step, units) {
  let unit = 0;
  let rest = Math.abs(value);
  while (rest >= step && unit < units.length - 1) {
    rest /= step;
    unit += 1;
  }
  const digits = unit === 0 ? (Number.isInteger(rest) || rest >= 100 ? 0 : 1) : rest >= 100 ? 0 : rest >= 10 ? 1 : 2;
  return `${value < 0 ? '-' : ''}${rest.toFixed(digits)}${units[unit]}`;
}

// Made once: making one for each number takes longer than everything else in a table.
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat('en-US', { maximumFractionDigits: 9 });

/** A count: 1,234 below a hundred thousand, then 1.23 M. */
export function count(value) {
  if (!isNumber(value)) return unknown;
  if (Math.abs(value) < 100000) return whole.format(value);
  return scaled(value, 1000, ['', ' k', ' M', ' G', ' T', ' P']);
}

/** Bytes in powers of 1000, as traffic and disks are sold. */
export function bytes(value) {
  return isNumber(value) ? scaled(value, 1000, [' B', ' kB', ' MB', ' GB', ' TB', ' PB']) : unknown;
}

export function perSecond(value) {
  return isNumber(value) ? scaled(value, 1000, ['/s', ' k/s', ' M/s', ' G/s']) : unknown;
}

export function bytesPerSecond(value) {
  return isNumber(value) ? `${bytes(value)}/s` : unknown;
}

export function percent(value) {
  return isNumber(value) ? `${value >= 100 ? Math.round(value) : Number(value.toFixed(1))} %` : unknown;
}

/** Seconds in the two largest units: 3d4h, 12m5s, 412 µs. */
export function duration(seconds) {
  if (!isNumber(seconds)) return unknown;
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds === 0) return '0 s';
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${Number((seconds * 1000).toFixed(seconds < 0.01 ? 2 : 1))} ms`;
  if (seconds < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.floor(seconds)} s`;
  /** @type {[string, number][]} */
  const parts = [['y', 31536000], ['d', 86400], ['h', 3600], ['m', 60], ['s', 1]];
  let rest = Math.floor(seconds);
  const out = [];
  for (const [unit, size] of parts) {
    const amount = Math.floor(rest / size);
    if (amount > 0) out.push(`${amount}${unit}`);
    else if (out.length > 0) break;
    if (out.length === 2) break;
    rest -= amount * size;
  }
  return out.join('');
}

/** Seconds from a duration as servers print it: "1y2d3h4m5s", "412µs", "1.116ms". */
export function parseDuration(text) {
  if (typeof text !== 'string') return undefined;
  const sizes = { y: 31536000, d: 86400, h: 3600, m: 60, s: 1, ms: 1e-3, µs: 1e-6, μs: 1e-6, us: 1e-6, ns: 1e-9 };
  let total = 0;
  let seen = false;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|µs|μs|us|ns|y|d|h|m|s)/g)) {
    total += Number(amount) * sizes[unit];
    seen = true;
  }
  return seen ? total : undefined;
}

/** Seconds since the epoch from a time as servers print it (nanoseconds, any offset). Go's zero time is unknown. */
export function parseTime(text) {
  if (typeof text !== 'string' || text.startsWith('0001-')) return undefined;
  const value = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(value) ? undefined : value / 1000;
}

/** By how many seconds the gateway's clock is ahead of this browser's. */
let ahead = 0;

/** Takes up the gateway's time, as its answers have it in their Date field. Less than two seconds are the way of the answer. */
export function setClock(text) {
  const at = typeof text === 'string' ? Date.parse(text) / 1000 : NaN;
  if (Number.isNaN(at)) return;
  const difference = at - Date.now() / 1000;
  ahead = Math.abs(difference) < 2 ? 0 : difference;
}

/** Seconds since the epoch by the gateway's clock: what it tells of moments is compared with this, and not with the browser's clock. */
export function now() {
  return Date.now() / 1000 + ahead;
}

/** The moment that is shown, in seconds since the epoch; undefined for now. */
let shownAt;

/** Ages are counted from the moment that is shown. */
export function setShown(at) {
  shownAt = at;
}

/** The moment that is shown; now, where none is. */
export function asOf() {
  return shownAt ?? now();
}

/** Seconds from a time until the moment that is shown; undefined where the time is not known. */
export function age(text) {
  const at = parseTime(text);
  return at === undefined ? undefined : Math.max(0, Math.floor(asOf() - at));
}

/** How long ago a time was, by the gateway's clock. */
export function ago(text) {
  const seconds = age(text);
  return seconds === undefined ? unknown : `${duration(seconds)} ago`;
}

export function clockTime(text) {
  const at = parseTime(text);
  if (at === undefined) return unknown;
  return new Date(at * 1000).toLocaleTimeString('en-GB', { hour12: false });
}

/** A value with its unit, by the name its field has in the servers' documents. */
export function exact(value) {
  return isNumber(value) ? precise.format(value) : String(value ?? unknown);
}

export function plural(amount, one, many = `${one}s`) {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}
