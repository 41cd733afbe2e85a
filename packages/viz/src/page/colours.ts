import { element } from './element.js';

/** A choice between the system's colours, light and dark. */
export function offerColours(): void {
  const select = element(
    'select',
    { 'aria-label': 'Colours' },
    element('option', { value: '' }, 'Colours: as the system'),
    element('option', { value: 'light' }, 'Colours: light'),
    element('option', { value: 'dark' }, 'Colours: dark'),
  );
  select.addEventListener('change', () => {
    document.documentElement.dataset.theme = select.value;
  });
  document.querySelector('header')!.append(element('p', { class: 'tools' }, select));
}
