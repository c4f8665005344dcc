/** A password is shown or hidden. */
export function reveal(button: HTMLElement): void {
  const input = document.getElementById(button.dataset["reveal"] ?? "");
  if (!(input instanceof HTMLInputElement)) return;
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.ariaLabel = shown ? "Hide password" : "Show password";
  button.classList.toggle("is-revealed", shown);
}

/** A field's value is on the clipboard. */
export async function copy(button: HTMLElement): Promise<void> {
  const input = document.getElementById(button.dataset["copy"] ?? "");
  if (!(input instanceof HTMLInputElement)) return;
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    // The clipboard is missing or refused outside of https; the selection above still allows the old way.
    document.execCommand("copy");
  }
  const words = button.querySelector("span");
  button.classList.add("is-copied");
  if (words) words.textContent = "Copied";
  setTimeout(() => {
    button.classList.remove("is-copied");
    if (words) words.textContent = "Copy";
  }, 2_000);
}
