// Shares as areas: the larger the share, the larger the rectangle, none much longer than wide.

/** Rectangles for values in a box: { x, y, w, h } each, in the order of the values, which are sorted, the largest first. */
export function treemap(values, width, height) {
  const total = values.reduce((sum, value) => sum + value, 0);
  const out = [];
  if (!(total > 0)) return values.map(() => ({ x: 0, y: 0, w: 0, h: 0 }));
  const areas = values.map((value) => (value / total) * width * height);
  let box = { x: 0, y: 0, w: width, h: height };
  let row = [];
  const ratio = (each, side) => {
    const sum = each.reduce((all, area) => all + area, 0);
    return Math.max(...each.map((area) => Math.max((side * side * area) / (sum * sum), (sum * sum) / (side * side * area))));
  };
  const place = () => {
    const sum = row.reduce((all, area) => all + area, 0);
    const isTall = box.w >= box.h;
    const thick = sum / (isTall ? box.h : box.w);
    let at = 0;
    for (const area of row) {
      const long = area / thick;
      out.push(isTall ? { x: box.x, y: box.y + at, w: thick, h: long } : { x: box.x + at, y: box.y, w: long, h: thick });
      at += long;
    }
    box = isTall ? { ...box, x: box.x + thick, w: box.w - thick } : { ...box, y: box.y + thick, h: box.h - thick };
    row = [];
  };
  for (const area of areas) {
    const side = Math.max(1e-9, Math.min(box.w, box.h));
    if (row.length && area > 0 && ratio([...row, area], side) > ratio(row, side)) place();
    row.push(area);
  }
  place();
  return out;
}
