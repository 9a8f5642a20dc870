// What a machine can check of WCAG 2.2 AA on the page as it is: contrast, names, nesting, headings, target size. Evaluates to the list of
// what is wrong, each with the element that it is wrong about.
(() => {
  const found = [];
  const say = (rule, element, more = '') => found.push(`${rule}: ${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}${typeof element.className === 'string' && element.className ? `.${element.className.trim().split(/\s+/).join('.')}` : ''} “${(element.textContent ?? '').trim().slice(0, 40)}” ${more}`);
  const isSeen = (element) => {
    if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && !element.closest('.visually-hidden, .skip');
  };

  // Colours, over what lies behind them.
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (text) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const over = (top, below) => ({ r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a), b: top.b * top.a + below.b * (1 - top.a), a: 1 });
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour.a > 0) layers.push(colour);
      if (colour.a === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const light = ({ r, g, b }) => {
    const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const opacity = (element) => {
    let all = 1;
    for (let each = element; each; each = each.parentElement) all *= Number(getComputedStyle(each).opacity);
    return all;
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = words.nextNode(); text; text = words.nextNode()) {
    const element = text.parentElement;
    if (!text.data.trim() || !element || element.matches('script, style, option, noscript, title') || !isSeen(element) || element.closest(':disabled')) continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const paint = rgba(element instanceof SVGElement ? style.fill : style.color);
    const ink = over({ ...paint, a: paint.a * opacity(element) }, ground);
    const [one, other] = [light(ink), light(ground)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const size = parseFloat(style.fontSize);
    const enough = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < enough - 0.005) say('contrast', element, `${ratio.toFixed(2)} of ${enough}`);
  }

  // Names.
  const nameOf = (element) => (element.getAttribute('aria-label') ?? '').trim()
    || (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim()
    || [...(element.labels ?? [])].map((label) => label.textContent).join(' ').trim() || (element.textContent ?? '').trim() || element.querySelector?.('img[alt]')?.getAttribute('alt') || (element.title ?? '').trim();
  const controls = [...document.querySelectorAll('a[href], button, input:not([type="hidden"]), select, textarea, summary, [role="button"], [role="slider"], [role="option"], [tabindex]:not([tabindex="-1"])')].filter(isSeen);
  for (const control of controls) {
    const isField = control.matches('input, select, textarea');
    const name = isField ? control.getAttribute('aria-label') || [...(control.labels ?? [])].map((label) => label.textContent).join('').trim() : nameOf(control);
    if (!name) say('name', control);
  }
  for (const each of document.querySelectorAll('table, [role="img"], dialog, nav, [role="dialog"]')) if (isSeen(each) && !nameOf(each) && !each.querySelector('caption, title')) say('name', each);
  for (const image of document.querySelectorAll('img')) if (!image.hasAttribute('alt')) say('alternative', image);
  for (const head of document.querySelectorAll('th')) if (!head.textContent.trim() && !head.getAttribute('aria-label')) say('empty header', head);

  // Nesting.
  const interactive = 'a[href], button, input, select, textarea, summary, [role="button"], [role="slider"]';
  for (const control of document.querySelectorAll(interactive)) if (control.parentElement?.closest(`${interactive}, svg[role="img"]`) && !control.parentElement.closest('label')) say('nested', control);
  const ids = new Map();
  for (const each of document.querySelectorAll('[id]')) ids.set(each.id, (ids.get(each.id) ?? 0) + 1);
  for (const [id, count] of ids) if (count > 1) found.push(`id used twice: ${id}`);
  for (const list of document.querySelectorAll('ul, ol')) for (const child of list.children) if (child.tagName !== 'LI' && list.getAttribute('role') === null) say('list', child);
  let level = 0;
  for (const heading of [...document.querySelectorAll('main h1, main h2, main h3, main h4, main h5')].filter((each) => each.checkVisibility())) {
    const own = Number(heading.tagName[1]);
    if (level && own > level + 1) say('heading', heading, `h${level} → h${own}`);
    level = own;
  }
  if (!document.documentElement.lang) found.push('no language');
  if (!document.title) found.push('no title');

  // Size: 24 by 24 pixels, or as much room around; links in a line of text are as they are.
  const boxes = controls.filter((each) => !each.matches('[tabindex]:not(a, button, input, select, summary)')).map((element) => ({ element, box: element.getBoundingClientRect() }));
  for (const { element, box } of boxes) {
    if (box.width >= 23.5 && box.height >= 23.5) continue;
    if (element.matches('input') && element.labels?.[0] && element.labels[0].getBoundingClientRect().height >= 23.5) continue;
    if (element.matches('a') && getComputedStyle(element).display === 'inline') continue;
    if (element.closest('svg')) continue;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const isCrowded = boxes.some(({ element: other, box: near }) => other !== element && !other.contains(element) && !element.contains(other)
      && near.left < x + 12 && near.right > x - 12 && near.top < y + 12 && near.bottom > y - 12);
    if (isCrowded) say('target size', element, `${Math.round(box.width)} × ${Math.round(box.height)}`);
  }
  return [...new Set(found)];
})()
