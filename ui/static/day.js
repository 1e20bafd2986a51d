// A day of the calendar, picked or typed; also one that was typed before this script ran.
const take = (input) => {
  if (input.value === (props.value || '')) return;
  props.value = input.value;
  trigger('change');
};
element.addEventListener('change', (event) => take(event.target));
take(element.querySelector('input'));
