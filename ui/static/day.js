// A day of the calendar, picked or typed.
element.addEventListener('change', (event) => {
  if (event.target.matches('input')) { props.value = event.target.value; trigger('change'); }
});
