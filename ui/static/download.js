// A file that the server wrote is offered by the browser as a download.
watch('value', () => {
  const file = props.value;
  if (!file || !file.text) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([file.text], { type: file.type }));
  link.download = file.name;
  link.click();
  URL.revokeObjectURL(link.href);
});
