// Time on a line: where a moment stands, which ticks suit a span, and which marks stand too near to each other to be told apart.

/** Spans that can be chosen, in seconds. */
export const spans = { '15m': 900, '1h': 3600, '6h': 21600, '24h': 86400, '7d': 604800 };
const steps = [10, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800];

/** Between times `from` and `until` (seconds) and places 0 and `width`. */
export function scale(from, until, width) {
  const size = Math.max(1e-9, until - from);
  return { from, until, width, place: (time) => ((time - from) / size) * width, time: (place) => from + (place / width) * size };
}

/** Whole times for ticks, at most `most` of them, by the browser's own clock: { time, text }. */
export function ticks(from, until, most, offsetMinutes = new Date(from * 1000).getTimezoneOffset()) {
  const step = steps.find((each) => (until - from) / each <= most) ?? steps.at(-1);
  const shift = offsetMinutes * 60;
  const out = [];
  for (let time = Math.ceil((from - shift) / step) * step + shift; time <= until; time += step) out.push({ time, text: tickText(time, step, offsetMinutes) });
  return out;
}

const two = (number) => String(number).padStart(2, '0');

/** A time as its tick says it: the day where the step is one, seconds where it is short. */
export function tickText(time, step, offsetMinutes = new Date(time * 1000).getTimezoneOffset()) {
  const local = new Date((time - offsetMinutes * 60) * 1000);
  const day = `${local.getUTCDate()} ${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][local.getUTCMonth()]}`;
  const clock = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
  if (step >= 86400) return day;
  if (local.getUTCHours() === 0 && local.getUTCMinutes() === 0 && step >= 3600) return day;
  return step < 60 ? `${clock}:${two(local.getUTCSeconds())}` : clock;
}

/** Day and time of a moment, the day only where it is not today. */
export function momentText(time, now) {
  const local = new Date(time * 1000);
  const clock = local.toLocaleTimeString('en-GB', { hour12: false });
  const isToday = local.toDateString() === new Date(now * 1000).toDateString();
  return isToday ? clock : `${local.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: local.getFullYear() === new Date(now * 1000).getFullYear() ? undefined : 'numeric' })} ${clock}`;
}

/**
 * Marks that stand within `near` of each other are one: { place, marks }.
 * @param {any[]} marks with a `place`
 */
export function clustered(marks, near) {
  const out = [];
  for (const mark of [...marks].sort((a, b) => a.place - b.place)) {
    const last = out.at(-1);
    if (last && mark.place - last.place < near) last.marks.push(mark);
    else out.push({ place: mark.place, marks: [mark] });
  }
  return out;
}

/** Values for the lines of a scale from 0 to `top`: round ones, `most` at most, and the top that they end at. */
export function roundScale(top, most = 5) {
  if (!(top > 0)) return { top: 1, values: [0, 1] };
  const rough = top / (most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  const count = Math.ceil(top / step - 1e-9);
  return { top: count * step, values: Array.from({ length: count + 1 }, (_, index) => index * step) };
}
