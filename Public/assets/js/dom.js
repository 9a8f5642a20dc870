// Elements are made here and nowhere else. Whatever is shown is set as text: names, subjects and
// account names are chosen by strangers, and nothing in these pages turns a string into markup.

// Characters that are not seen, and those that turn the text around them: strangers choose names, and a name must not pose as another.
const unseen = /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/g;

/** A text with a visible mark for each character that cannot be seen: `‹U+202E›`. */
export function shown(text) {
  const plain = String(text);
  if (plain.search(unseen) < 0) return plain;
  return plain.replace(unseen, (character) => `‹U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}›`);
}

const svgNamespace = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'value') element.value = value;
    else if (name === 'width%') element.style.width = `${value}%`;
    else element.setAttribute(name, value === true ? '' : name === 'title' || name === 'aria-label' ? shown(value) : String(value));
  }
  append(element, children);
  return element;
}

/** Adds children: elements as they are, everything else as text. */
export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : shown(child));
  }
}

/** An HTML element. `onclick: f` listens, `data: {…}` sets data attributes. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

/** Replaces what an element holds. */
export function replace(element, ...children) {
  element.textContent = '';
  append(element, children);
  return element;
}

/** Sets text only where it differs, so that selections and screen readers are left alone. */
export function setText(element, text) {
  const wanted = text === undefined || text === null ? '' : shown(text);
  if (element.textContent !== wanted) element.textContent = wanted;
}

export function setAttribute(element, name, value) {
  if (value === undefined || value === null || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** Keeps an element's children in step with a list, by key, moving and reusing what is there. */
export function reconcile(parent, items, keyOf, create, update) {
  const old = new Map();
  for (const child of parent.children) if (child.reconcileKey !== undefined) old.set(child.reconcileKey, child);
  let next = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = old.get(key);
    if (child) old.delete(key);
    else {
      child = create(item);
      child.reconcileKey = key;
    }
    update?.(child, item);
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  for (const child of old.values()) child.remove();
}

/** Copies text; answers whether that worked (it needs a secure or a loopback origin). */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Says something to a screen reader and to nobody else. */
export function announce(text) {
  setText(document.getElementById('live'), text);
}
