// Sparklines and small bars. They show a shape; the figure stands beside them.

import { h, s } from './dom.js';
import { now } from './format.js';

/**
 * A small line. `show(points, { span, end })`: points { time, value, partial }, of the `span` seconds before `end`. A gap where nothing was
 * known, no zero in its place; dashed where somebody is missing from a sum. It rises from zero, so that its height is comparable.
 */
export function sparkline(width = 120, height = 24, { text = (/** @type {number} */ value) => String(value), label = '' } = {}) {
  const area = s('path', { class: 'area' });
  const line = s('path', {});
  const dashed = s('path', { class: 'dashed' });
  const picture = s('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, height, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, area, line, dashed);
  // Not a part of the picture, which is stretched: a dot stays round.
  const dot = h('i', { class: 'dot' });
  const element = h('span', { class: 'spark-box' }, picture, dot);
  let drawn;
  element.addEventListener('pointermove', (event) => {
    if (!drawn) return;
    const box = element.getBoundingClientRect();
    const at = drawn.from + ((event.clientX - box.left) / box.width) * drawn.span;
    const nearest = drawn.known.reduce((best, point) => Math.abs(point.time - at) < Math.abs(best.time - at) ? point : best);
    element.title = `${label ? `${label} ` : ''}${text(nearest.value)} at ${clockOf(nearest.time)}${nearest.partial ? ', not of everybody' : ''}; the line rises from 0 to ${text(drawn.top)}`;
  });
  element.show = (points, { span = 900, end = now() } = {}) => {
    const geometry = sparkPaths(points, { width, height, span, end });
    drawn = geometry.drawn;
    area.setAttribute('d', geometry.area);
    line.setAttribute('d', geometry.line);
    dashed.setAttribute('d', geometry.dashed);
    dot.hidden = !geometry.dot;
    if (geometry.dot) {
      dot.style.left = `${(100 * geometry.dot.x) / width}%`;
      dot.style.top = `${(100 * geometry.dot.y) / height}%`;
    }
  };
  return element;
}

const clockOf = (seconds) => new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour12: false });

/** The paths of a small line: pure, so that it can be tested. */
export function sparkPaths(points, { width, height, span, end }) {
  const from = end - span;
  const known = points.filter((point) => point.value !== null && point.value !== undefined && point.time >= from);
  if (known.length < 2) return { area: '', line: '', dashed: '', dot: undefined, drawn: undefined };
  const top = Math.max(...known.map((point) => point.value)) || 1;
  const place = (point) => ({ x: ((point.time - from) / span) * (width - 3) + 1, y: height - 2 - (point.value / top) * (height - 4) });
  const paths = { line: '', dashed: '' };
  let area = '';
  let before;
  for (const point of points) {
    if (point.time < from) continue;
    if (point.value === null || point.value === undefined) {
      before = undefined;
      continue;
    }
    const { x, y } = place(point);
    const at = `${x.toFixed(1)} ${y.toFixed(1)}`;
    if (before) {
      const path = point.partial || before.partial ? 'dashed' : 'line';
      paths[path] += `M${before.at}L${at}`;
      area += `M${before.x} ${height}L${before.at}L${at}L${x.toFixed(1)} ${height}Z`;
    }
    before = { at, x: x.toFixed(1), partial: point.partial };
  }
  return { area, ...paths, dot: place(known.at(-1)), drawn: { known, from, span, top } };
}

/** Which step of the load scale a share from 0 to 1 is on. */
export function load(share) {
  return share >= 0.9 ? 4 : share >= 0.7 ? 3 : share >= 0.2 ? 2 : 1;
}

/** A figure over a thin bar; `show(text, share, title, scale)`: without scale the bar only compares. */
export function barCell() {
  const text = h('span', {});
  const fill = h('b', {});
  const element = h('span', { class: 'bar-cell' }, text, h('i', {}, fill));
  element.show = (label, share, title, judged = false) => {
    if (text.textContent !== label) text.textContent = label;
    fill.style.width = `${Math.max(0, Math.min(1, share || 0)) * 100}%`;
    fill.dataset.load = judged ? load(share || 0) : 2;
    element.title = title ?? '';
  };
  return element;
}
