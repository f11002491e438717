// Saves the lines of the list whose id a button names in data-download, as the file that it names in data-file.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-download]");
  if (!button) return;
  const lines = [...document.getElementById(button.dataset.download).children].map((line) => `${line.textContent.trim()}\r\n`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(lines, { type: "text/plain" }));
  link.download = button.dataset.file;
  link.click();
  URL.revokeObjectURL(link.href);
});
