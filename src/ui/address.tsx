import type { JSX } from "hono/jsx/jsx-runtime";

/** Shows an address in full, since its spelling is what an administrator checks; a long one breaks before its @ rather than in the middle of a word. */
export function Address({ address }: { readonly address: string }): JSX.Element {
  const at = address.lastIndexOf("@");
  if (at < 0) return <>{address}</>;
  return (
    <>
      {address.slice(0, at)}
      <wbr />
      {address.slice(at)}
    </>
  );
}
