// Lines over time across the page: a crosshair with all values, restarts and gaps as what they are, a table of the same behind it.

import { h, s, replace } from './dom.js';
import { momentText, roundScale, scale, ticks } from './timescale.js';
import { now } from './format.js';

const tall = 300;
const margin = { left: 74, right: 12, top: 12, bottom: 24 };
/** Lines that are told apart by colour; more are drawn in grey, and named under the pointer. */
export const colours = 8;

/**
 * A chart. `show({ lines, from, until, text, title })`: lines are { name, points: [{ time, value }], restarts: [time], isPast }, `text` writes a
 * value. `onZoom(from, until)` is called after a part was drawn over. A small one stands in a pane: without words under it.
 */
export function makeChart({ onZoom = undefined, height = tall, isSmall = false }) {
  const picture = s('svg', { class: 'chart', height, role: 'img', 'aria-label': 'Chart' });
  const legend = h('ul', { class: 'legend-list' });
  const when = h('p', { class: 'chart-when quiet' });
  const table = h('div', { class: 'scroll-x' });
  const behind = h('details', {}, h('summary', {}, 'The same as a table'), table);
  const holder = h('div', { class: 'chart-holder' }, picture);
  const element = h('figure', { class: `chart-figure${isSmall ? ' small' : ''}` }, holder, when, legend, behind);
  let told;
  let pointed;
  let began;
  let marked;
  behind.addEventListener('toggle', () => drawTable());
  new ResizeObserver(() => draw()).observe(holder);

  const along = () => scale(told.from, told.until, Math.max(50, holder.clientWidth - margin.left - margin.right));
  const timeAt = (event) => along().time(Math.max(0, event.clientX - picture.getBoundingClientRect().left - margin.left));
  picture.addEventListener('pointerdown', (event) => {
    if (!told || !onZoom || event.button !== 0) return;
    began = timeAt(event);
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener('pointermove', (event) => {
    if (!told) return;
    pointed = timeAt(event);
    drawPointer();
  });
  picture.addEventListener('pointerleave', () => {
    pointed = undefined;
    drawPointer();
  });
  picture.addEventListener('pointerup', (event) => {
    if (began === undefined) return;
    const ended = told && timeAt(event);
    const [from, until] = [Math.min(began, ended), Math.max(began, ended)];
    began = undefined;
    drawPointer();
    if (until - from > (told.until - told.from) / 60) onZoom(from, until);
  });

  const overlay = s('g', {});

  function draw() {
    if (!told || holder.clientWidth === 0) return;
    const { lines, text, title } = told;
    const width = holder.clientWidth;
    const x = along();
    const highest = Math.max(0, ...lines.flatMap((line) => line.points.map((point) => point.value ?? 0)));
    const { top, values } = roundScale(highest, isSmall ? 3 : 5);
    const inner = height - margin.top - margin.bottom;
    const y = (value) => margin.top + inner - (value / top) * inner;
    told.place = { x, y };
    picture.setAttribute('viewBox', `0 0 ${width} ${height}`);
    picture.setAttribute('width', width);
    picture.setAttribute('aria-label', `${title}, ${lines.length} lines from ${momentText(told.from, now())} to ${momentText(told.until, now())}; the table below has the figures`);
    replace(picture,
      values.map((value) => [s('line', { class: 'rule', x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value) }), s('text', { class: 'axis', x: margin.left - 8, y: y(value) + 4, 'text-anchor': 'end' }, text(value))]),
      ticks(told.from, told.until, (width - margin.left) / 110).map(({ time, text: label }) => [
        s('line', { class: 'rule', x1: margin.left + x.place(time), x2: margin.left + x.place(time), y1: height - margin.bottom, y2: height - margin.bottom + 4 }),
        s('text', { class: 'axis', x: margin.left + x.place(time), y: height - 6, 'text-anchor': 'middle' }, label)]),
      lines.map((line, index) => [
        s('path', { class: `line${line.isPast ? ' past' : ''}`, data: { colour: colourOf(line, index), line: index }, d: pathOf(line.points, (point) => `${(margin.left + x.place(point.time)).toFixed(1)} ${y(point.value).toFixed(1)}`, told.step) }),
        (line.restarts ?? []).filter((time) => time >= told.from && time <= told.until).map((time) => s('path', { class: 'restart', data: { colour: colourOf(line, index) }, d: `M${margin.left + x.place(time)} ${height - margin.bottom}v-${inner}` }, s('title', {}, `${line.name} began anew at ${momentText(time, now())}`)))]),
      overlay);
    drawPointer();
    drawTable();
  }

  function drawPointer() {
    if (!told?.place) return;
    const { x, y } = told.place;
    const at = pointed ?? told.until;
    const nearest = told.lines.map((line) => ({ line, point: pointed === undefined ? nearestOf(line.points, at, 3 * (told.step || 10)) : nearestOf(line.points, at, told.step) }));
    replace(overlay, began !== undefined && pointed !== undefined ? s('rect', { class: 'zoom', x: margin.left + x.place(Math.min(began, pointed)), width: Math.abs(x.place(pointed) - x.place(began)), y: margin.top, height: height - margin.top - margin.bottom }) : null,
      pointed === undefined ? null : [s('path', { class: 'cross', d: `M${margin.left + x.place(pointed)} ${margin.top}V${height - margin.bottom}` }),
        nearest.filter(({ point }) => point).map(({ line, point }) => s('circle', { r: 3, data: { colour: colourOf(line, told.lines.indexOf(line)) }, cx: margin.left + x.place(point.time), cy: y(point.value) }))]);
    when.textContent = pointed !== undefined ? momentText(at, now()) : isSmall ? '' : 'The last values. Point at a moment for those of then; draw over a part to look closer.';
    replace(legend, nearest.map(({ line, point }, index) => h('li', { onpointerenter: () => mark(index), onpointerleave: () => mark(undefined) }, h('i', { data: { colour: colourOf(line, index), past: line.isPast ? '1' : '' } }),
      line.link ? h('a', { href: line.link }, line.name) : h('span', { class: 'name' }, line.name), h('span', { class: 'figure-small' }, point ? told.text(point.value) : '—'))));
    mark(marked);
  }

  /** The one that is pointed at stands out. */
  function mark(index) {
    marked = index;
    for (const path of picture.querySelectorAll('path.line')) path.classList.toggle('dim', index !== undefined && Number(path.dataset.line) !== index);
  }

  function drawTable() {
    if (!behind.open || !told) return;
    const times = [...new Set(told.lines.flatMap((line) => line.points.map((point) => point.time)))].sort((a, b) => b - a).slice(0, 500);
    const values = told.lines.map((line) => new Map(line.points.map((point) => [point.time, point.value])));
    replace(table, h('table', { class: 'plain' }, h('caption', { class: 'visually-hidden' }, told.title), h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Time'), told.lines.map((line) => h('th', { scope: 'col', class: 'num' }, line.name)))),
      h('tbody', {}, times.map((time) => h('tr', {}, h('td', {}, momentText(time, now())), values.map((each) => h('td', { class: 'num' }, each.get(time) === undefined || each.get(time) === null ? '—' : told.text(each.get(time)))))))));
  }

  return {
    element,
    show(next) {
      told = next;
      draw();
    },
  };
}

const colourOf = (line, index) => line.isTotal ? 'total' : String((line.colour ?? index) < colours ? line.colour ?? index : 'rest');

/** A path through the points: nothing is drawn across what is not known. */
export function pathOf(points, place, step) {
  let path = '';
  let before;
  for (const point of points) {
    if (point.value === null || point.value === undefined) {
      before = undefined;
      continue;
    }
    path += `${before && (!step || point.time - before.time <= 2.5 * step) ? 'L' : 'M'}${place(point)}`;
    before = point;
  }
  return path;
}

/** The point at a time, or the last before it, not further away than two steps. */
export function nearestOf(points, time, step = Infinity) {
  let best;
  for (const point of points) {
    if (point.value === null || point.value === undefined) continue;
    if (!best || Math.abs(point.time - time) < Math.abs(best.time - time)) best = point;
  }
  return best && Math.abs(best.time - time) <= 2 * (step || Infinity) ? best : undefined;
}
