// A form for an endpoint's parameters, made from /openapi.json: what the gateway documents is what can be filled in.

import { h, replace } from './dom.js';
import { get } from './api.js';

let described;

function describe() {
  described ??= get('/openapi.json', { accept404: true }).then((answer) => answer.document).catch(() => undefined);
  return described;
}

/** Shows the form of the path's endpoint, filled with what the path asks for now. */
export async function makeForm(container, path, onChange) {
  const document = await describe();
  const [route, queryText = ''] = path.split('?');
  const parameters = document && operation(document, route);
  if (!parameters?.length) {
    replace(container);
    return;
  }
  const present = new URLSearchParams(queryText);
  const apply = () => {
    const next = new URLSearchParams();
    for (const field of fields) {
      const value = field.input.type === 'checkbox' ? (field.input.checked ? '1' : '') : field.input.value.trim();
      if (value !== '') next.set(field.name, value);
    }
    const text = next.toString();
    onChange(text ? `${route}?${text}` : route);
  };
  const fields = parameters.map((parameter) => ({ name: parameter.name, input: inputFor(parameter, present.get(parameter.name)) }));
  const form = h('form', { class: 'parameters', onsubmit: (event) => { event.preventDefault(); apply(); } },
    fields.map((field, index) => h('label', { title: parameters[index].description ?? '' }, h('span', {}, field.name), field.input)), h('button', {}, 'Ask'));
  for (const field of fields) if (field.input.matches('select, [type="checkbox"]')) field.input.addEventListener('change', apply);
  const open = queryText !== '' || container.querySelector('details')?.open;
  replace(container, h('details', { open }, h('summary', {}, 'Parameters'), form));
}

function inputFor(parameter, value) {
  const schema = parameter.schema?.anyOf?.[0] ?? parameter.schema ?? {};
  if (schema.enum) {
    return h('select', {}, [h('option', { value: '' }, '—'), ...schema.enum.map((each) => h('option', { value: each, selected: String(each) === value }, String(each)))]);
  }
  if (schema.type === 'boolean') return h('input', { type: 'checkbox', checked: value === '1' || value === 'true' });
  return h('input', { type: schema.type === 'integer' ? 'number' : 'text', value: value ?? '', placeholder: schema.default ?? '', min: schema.minimum });
}

/** The parameters of the operation whose path template fits the route. */
function operation(document, route) {
  const segments = route.split('/');
  for (const [template, item] of Object.entries(document.paths ?? {})) {
    const wanted = template.split('/');
    if (wanted.length !== segments.length) continue;
    if (!wanted.every((part, index) => part === segments[index] || (part.startsWith('{') && segments[index] !== ''))) continue;
    const all = [...(item.parameters ?? []), ...(item.get?.parameters ?? [])].map((each) => resolve(document, each))
      .map((each) => ({ ...each, schema: resolve(document, each?.schema) }));
    return all.filter((parameter) => parameter?.in === 'query' && parameter.name !== 'format');
  }
  return undefined;
}

function resolve(document, value) {
  const reference = value?.$ref;
  if (!reference) return value;
  return reference.replace(/^#\//, '').split('/').reduce((at, step) => at?.[step], document);
}
