/** Hands a file to the browser to keep, under a name. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has its own hold on the file once the click is done.
  setTimeout(() => URL.revokeObjectURL(link.href));
}
