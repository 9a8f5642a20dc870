// Sparklines and small bars. They show a shape; the figure stands beside them.

import { h, s } from './dom.js';

/** A line over the last quarter of an hour: a gap where nothing was known, no zero in its place. */
export function sparkline(width = 120, height = 24) {
  const area = s('path', { class: 'area' });
  const line = s('path', {});
  const dot = s('circle', { r: 1.8 });
  const element = s('svg', { class: 'spark', width, height, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, area, line, dot);
  element.show = (points) => {
    const known = points.filter((point) => point.value !== null && point.value !== undefined);
    if (known.length < 2) {
      area.setAttribute('d', '');
      line.setAttribute('d', '');
      dot.setAttribute('cx', -9);
      return;
    }
    const from = points[0].time;
    const span = Math.max(1, points.at(-1).time - from);
    const highest = Math.max(...known.map((point) => point.value));
    const low = Math.min(...known.map((point) => point.value));
    // A level line runs through the middle; what moves uses the height from zero, or from a little below its lowest.
    const top = highest === low && low > 0 ? low * 2 : highest;
    const base = highest > low && low > highest * 0.8 ? low - (highest - low) : 0;
    const x = (point) => ((point.time - from) / span) * (width - 3) + 1;
    const y = (point) => height - 2 - ((point.value - base) / (top - base || 1)) * (height - 4);
    let path = '';
    let fill = '';
    let open;
    for (const point of points) {
      if (point.value === null || point.value === undefined) {
        open = undefined;
        continue;
      }
      const at = `${x(point).toFixed(1)} ${y(point).toFixed(1)}`;
      path += `${open ? 'L' : 'M'}${at}`;
      fill += open ? `L${at}` : `${fill ? `V${height}Z` : ''}M${x(point).toFixed(1)} ${height}L${at}`;
      open = point;
    }
    if (fill) fill += `L${x(known.at(-1)).toFixed(1)} ${height}Z`;
    line.setAttribute('d', path);
    area.setAttribute('d', known.length === points.length ? fill : '');
    dot.setAttribute('cx', x(known.at(-1)).toFixed(1));
    dot.setAttribute('cy', y(known.at(-1)).toFixed(1));
  };
  return element;
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
