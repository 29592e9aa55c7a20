// The pages work without this file; it only adds the buttons that copy a field's text.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!field || !navigator.clipboard) continue;
  const label = button.firstChild;
  const said = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    label.textContent = "Copied";
    setTimeout(() => { label.textContent = said; }, 2000);
  });
}
