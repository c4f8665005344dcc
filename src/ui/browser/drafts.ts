/*
 * What is written into a form that says so stays until it is sent, whatever else is done on the page meanwhile; in this tab alone,
 * and for who wrote it.
 */

const FORMS = "form[data-draft]";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Keeps what of the form is other than the page had it. */
export function keepDraft({ target }: Event): void {
  const form = target instanceof Element && target.closest<HTMLFormElement>(FORMS);
  if (!form) return;
  const changed = fieldsOf(form).filter((field) => field.value !== valueOnPage(field));
  const draft = Object.fromEntries(changed.map(({ name, value }) => [name, value]));
  if (changed.length > 0) sessionStorage.setItem(keyOf(form), JSON.stringify(draft));
  else sessionStorage.removeItem(keyOf(form));
}

/** It is sent, and its answer says what became of it. */
export function forgetDraft({ target }: Event): void {
  if (target instanceof HTMLFormElement && target.matches(FORMS)) sessionStorage.removeItem(keyOf(target));
}

/** The page came anew, or a part of it. */
export function restoreDrafts(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>(FORMS)) {
    const draft = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "{}") as Readonly<Record<string, string>>;
    for (const field of fieldsOf(form)) {
      const value = draft[field.name] ?? field.value;
      if (field.value !== value) field.value = value; // Where it is as it was, the caret stays.
    }
  }
}

function keyOf(form: HTMLFormElement): string {
  return `draft of ${form.dataset["draft"]} for ${form.getAttribute("action")}`;
}

function fieldsOf(form: HTMLFormElement): readonly Field[] {
  return [...form.querySelectorAll<Field>("input:not([type=hidden]), select, textarea")];
}

function valueOnPage(field: Field): string {
  if (!(field instanceof HTMLSelectElement)) return field.defaultValue;
  return [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0]?.value ?? "";
}
